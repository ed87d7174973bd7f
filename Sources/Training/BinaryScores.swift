import Foundation

/// The scores of a rank's share of an evaluation, kept for an exact area under the curve: 4 bytes a sample.
///
/// A score is kept as an integer of the same order, so that scores sort by radix and travel as integers. Positives lie at
/// the front of one array and negatives at its back, which makes a label's bit unnecessary.
public struct BinaryScores: Sendable {
  private(set) var keys: [UInt32]
  /// Samples of class 1 so far.
  public private(set) var positives = 0
  /// Samples of class 0 so far.
  public private(set) var negatives = 0
  /// Sum of weight × predicted probability of class 1.
  public private(set) var probabilities = 0.0
  /// Weight of the samples of class 1: their number, where samples have no weights.
  private(set) var positiveWeight = 0.0
  /// Weight of the samples of class 0.
  private(set) var negativeWeight = 0.0
  /// True where a score is NaN: there is no order then.
  public private(set) var hasNaN = false

  /// - Parameter capacity: how many samples will be added, at most.
  public init(capacity: Int) { keys = [UInt32](repeating: 0, count: capacity) }

  /// - Parameters:
  ///   - scores: logits.
  ///   - labels: 0 or 1, one a score.
  ///   - weights: one a score; empty where all weigh 1. The area under the curve counts each sample once, whatever its
  ///     weight: integers add up to the same bits on any number of ranks.
  public mutating func add(
    _ scores: UnsafeBufferPointer<Float>, labels: UnsafeBufferPointer<Int32>,
    weights: UnsafeBufferPointer<Float> = UnsafeBufferPointer(start: nil, count: 0)
  ) {
    precondition(scores.count == labels.count, "\(scores.count) scores and \(labels.count) labels")
    precondition(
      weights.isEmpty || weights.count == scores.count, "\(weights.count) weights for \(scores.count) scores")
    precondition(positives + negatives + scores.count <= keys.count, "more scores than \(keys.count)")
    for (index, score) in scores.enumerated() {
      let weight = weights.isEmpty ? 1 : Double(weights[index])
      if score.isNaN { hasNaN = true }
      probabilities += weight * Probability.ofClass1(logit: score)
      if labels[index] == 1 {
        keys[positives] = Self.key(of: score)
        positives += 1
        positiveWeight += weight
      } else {
        negatives += 1
        keys[keys.count - negatives] = Self.key(of: score)
        negativeWeight += weight
      }
    }
  }

  /// Integers that compare as the floats do. 0 and −0 are one score.
  static func key(of score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    return bits >> 31 == 0 ? bits | 1 << 31 : ~bits
  }

  /// Sorts what was kept; needs 4 bytes more for each sample of the more frequent class, for as long as it runs.
  mutating func sort() {
    keys.withUnsafeMutableBufferPointer { keys in
      RadixSort.sort(.init(rebasing: keys[..<positives]))
      RadixSort.sort(.init(rebasing: keys[(keys.count - negatives)...]))
    }
  }

  var positiveKeys: ArraySlice<UInt32> { keys[..<positives] }
  var negativeKeys: ArraySlice<UInt32> { keys[(keys.count - negatives)...] }

  /// Figures of these scores alone.
  /// - Parameter loss: their mean log loss, in nats.
  public consuming func alone(loss: Double) -> BinaryMetrics {
    sort()
    let pairs = PairCount.orderedPairs(positives: positiveKeys, negatives: negativeKeys, negativesBelow: 0)
    return BinaryMetrics(
      loss: loss, positives: positives, negatives: negatives, positiveWeight: positiveWeight,
      negativeWeight: negativeWeight, probabilities: probabilities, orderedPairs: hasNaN ? nil : pairs)
  }
}
