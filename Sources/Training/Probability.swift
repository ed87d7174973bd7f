import Foundation

/// Probabilities of classes from a model's scores, in double precision.
package enum Probability {
  /// The logistic function of a score; never overflows.
  package static func ofClass1(logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }

  /// Writes the probability of each class, rounded to floats: that of class 1 alone where there is one score, else
  /// softmax.
  package static func write(_ scores: UnsafeMutableBufferPointer<Float>, to result: UnsafeMutableBufferPointer<Float>) {
    precondition(scores.count == result.count, "\(scores.count) scores for \(result.count) probabilities")
    guard scores.count > 1 else {
      for index in scores.indices { result[index] = Float(ofClass1(logit: scores[index])) }
      return
    }
    let highest = Double(scores.max() ?? 0)
    let sum = scores.reduce(0) { $0 + exp(Double($1) - highest) }
    for index in scores.indices { result[index] = Float(exp(Double(scores[index]) - highest) / sum) }
  }
}
