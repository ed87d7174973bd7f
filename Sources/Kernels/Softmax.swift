import Glibc

/// Softmax over the classes of `[rows, classes]` scores and the cross-entropy of the right class.
public enum Softmax {
  /// Writes each row's probabilities and returns the sum of its cross-entropy, in nats, and whether the right class had
  /// the (first) highest score. Shifted by the row's highest score, so no finite score overflows.
  ///
  /// `labels` are in 0..<classes; a data set has checked that.
  public static func crossEntropy(
    _ scores: Span<Float>, labels: Span<Int32>, classes: Int, probabilities: inout MutableSpan<Float>
  ) -> (loss: Double, correct: Int) {
    precondition(
      scores.count == labels.count * classes && probabilities.count == scores.count,
      "\(labels.count) labels of \(classes) classes for \(scores.count) scores and \(probabilities.count) probabilities"
    )
    var loss = 0.0
    var correct = 0
    for row in labels.indices {
      let (entropy, isRight) = crossEntropy(
        ofRow: row, scores, label: Int(labels[row]), classes: classes, probabilities: &probabilities)
      loss += entropy
      if isRight { correct += 1 }
    }
    return (loss, correct)
  }

  /// The same with a weight for each row: the sum of weight × cross-entropy, and the weight of what is right.
  public static func crossEntropy(
    _ scores: Span<Float>, labels: Span<Int32>, weights: Span<Float>, classes: Int,
    probabilities: inout MutableSpan<Float>
  ) -> (loss: Double, correct: Double) {
    precondition(
      scores.count == labels.count * classes && probabilities.count == scores.count && weights.count == labels.count,
      "\(labels.count) labels of \(classes) classes and \(weights.count) weights for \(scores.count) scores and "
        + "\(probabilities.count) probabilities")
    var (loss, correct) = (0.0, 0.0)
    for row in labels.indices {
      let weight = Double(weights[row])
      let (entropy, isRight) = crossEntropy(
        ofRow: row, scores, label: Int(labels[row]), classes: classes, probabilities: &probabilities)
      loss += weight * entropy
      if isRight { correct += weight }
    }
    return (loss, correct)
  }

  @inline(__always)
  private static func crossEntropy(
    ofRow row: Int, _ scores: Span<Float>, label: Int, classes: Int, probabilities: inout MutableSpan<Float>
  ) -> (entropy: Double, isRight: Bool) {
    precondition(label >= 0 && label < classes, "label \(label) of \(classes) classes")
    let values = scores.extracting(row * classes..<(row + 1) * classes)
    let best = firstHighest(values)
    let logSum = normalizedExponentials(values, shift: values[best], into: &probabilities, at: row * classes)
    return (logSum - Double(values[label] - values[best]), best == label)
  }

  /// The gradient of factor × the sum of the rows' cross-entropies: factor × (probability − 1 for the right class).
  public static func crossEntropyGradient(
    probabilities: Span<Float>, labels: Span<Int32>, classes: Int, factor: Float,
    into gradient: inout MutableSpan<Float>
  ) {
    precondition(
      probabilities.count == labels.count * classes && probabilities.count == gradient.count,
      "\(labels.count) labels of \(classes) classes for \(probabilities.count) and \(gradient.count) values")
    for index in probabilities.indices { gradient[index] = factor * probabilities[index] }
    for row in labels.indices { gradient[row * classes + Int(labels[row])] -= factor }
  }

  /// Index of the highest value; the first NaN, if there is one, so that a diverged row stays NaN.
  @inline(__always)
  private static func firstHighest(_ values: Span<Float>) -> Int {
    var best = 0
    for index in 1..<max(values.count, 1) where values[index] > values[best] || values[index].isNaN {
      if values[best].isNaN { break }
      best = index
    }
    return best
  }

  /// Writes e^(value − shift) ÷ their sum from `start` on and returns the natural logarithm of that sum.
  @inline(__always)
  private static func normalizedExponentials(
    _ values: Span<Float>, shift: Float, into results: inout MutableSpan<Float>, at start: Int
  ) -> Double {
    precondition(start >= 0 && start + values.count <= results.count)
    for index in values.indices { results[unchecked: start &+ index] = exponential(values[index] - shift) }
    var sum = 0.0
    for index in values.indices { sum += Double(results[unchecked: start &+ index]) }
    let inverse = Float(1 / sum)
    for index in values.indices { results[unchecked: start &+ index] *= inverse }
    return log(sum)
  }
}
