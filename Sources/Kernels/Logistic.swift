import Glibc

/// The logistic function of scores, and the cross-entropy of labels 0 and 1 under it.
public enum Logistic {
  /// 1 ÷ (1 + e^−score), without overflow for any score.
  public static func probabilities(_ scores: Span<Float>, into probabilities: inout MutableSpan<Float>) {
    precondition(scores.count == probabilities.count, "\(scores.count) scores, \(probabilities.count) probabilities")
    for index in scores.indices { probabilities[index] = probability(scores[index]) }
  }

  /// The sum of the cross-entropies, in nats, and how many labels are 1 just where the score is above 0.
  ///
  /// With m = −score for label 1, score for label 0, a cross-entropy is ln(1 + eᵐ) = max(m, 0) + ln(1 + e^−|m|).
  /// `labels` are 0 or 1; a data set has checked that.
  public static func crossEntropy(_ scores: Span<Float>, labels: Span<Int32>) -> (loss: Double, correct: Int) {
    precondition(scores.count == labels.count, "\(labels.count) labels for \(scores.count) scores")
    var loss = 0.0
    var correct = 0
    for index in scores.indices {
      loss += crossEntropy(scores[index], labels[index])
      if (scores[index] > 0) == (labels[index] == 1) { correct += 1 }
    }
    return (loss, correct)
  }

  /// The same with a weight for each sample: the sum of weight × cross-entropy, and the weight of what is right.
  public static func crossEntropy(
    _ scores: Span<Float>, labels: Span<Int32>, weights: Span<Float>
  ) -> (loss: Double, correct: Double) {
    precondition(
      scores.count == labels.count && scores.count == weights.count,
      "\(labels.count) labels and \(weights.count) weights for \(scores.count) scores")
    var (loss, correct) = (0.0, 0.0)
    for index in scores.indices {
      let weight = Double(weights[index])
      loss += weight * crossEntropy(scores[index], labels[index])
      if (scores[index] > 0) == (labels[index] == 1) { correct += weight }
    }
    return (loss, correct)
  }

  @inline(__always)
  private static func crossEntropy(_ score: Float, _ label: Int32) -> Double {
    precondition(label == 0 || label == 1, "label \(label) for a binary cross-entropy")
    let margin = Double(label == 1 ? -score : score)
    return max(margin, 0) + log1p(exp(-abs(margin)))
  }

  /// The gradient of factor × the sum of the cross-entropies: factor × (probability − label).
  public static func crossEntropyGradient(
    _ scores: Span<Float>, labels: Span<Int32>, factor: Float, into gradients: inout MutableSpan<Float>
  ) {
    precondition(
      scores.count == labels.count && scores.count == gradients.count,
      "\(labels.count) labels for \(scores.count) scores and \(gradients.count) gradients")
    for index in scores.indices {
      gradients[index] = factor * (probability(scores[index]) - Float(labels[index]))
    }
  }

  @inline(__always)
  private static func probability(_ score: Float) -> Float {
    let power = exponential(score < 0 ? score : -score)
    let inverse = 1 / (1 + power)
    return score < 0 ? power * inverse : inverse
  }
}
