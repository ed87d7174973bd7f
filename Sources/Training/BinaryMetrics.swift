import Foundation

/// Figures that scores of two classes give besides their loss. Each is nil where it is not defined: the area and the
/// entropy need both classes, and no score may be NaN.
public struct BinaryMetrics: Equatable, Sendable {
  /// The share of all pairs of a positive and a negative sample in which the positive one has the higher score, equal
  /// scores counting a half: Mann and Whitney's U ÷ (positives · negatives), which is the area under the ROC curve
  /// (Hanley and McNeil 1982). Counted in integers, then divided once; each sample counts once, whatever its weight.
  public var areaUnderCurve: Double?
  /// Log loss ÷ the entropy of the positives' share (of the weight, where samples have one): below 1, the scores know more than
  /// that share (He et al. 2014).
  public var normalizedEntropy: Double?
  /// Mean predicted probability ÷ the positives' share: above 1, the scores promise too much.
  public var calibration: Double?

  /// - Parameters:
  ///   - loss: (weighted) mean log loss, in nats.
  ///   - positiveWeight: of all positives; their number, where samples have no weights. `negativeWeight` likewise.
  ///   - probabilities: sum of weight × predicted probability of class 1.
  ///   - orderedPairs: twice the number of pairs in the right order, plus the number of ties; nil where unknown.
  init(
    loss: Double, positives: Int, negatives: Int, positiveWeight: Double, negativeWeight: Double, probabilities: Double,
    orderedPairs: Int?
  ) {
    if positiveWeight > 0 { calibration = probabilities / positiveWeight }
    if positiveWeight > 0, negativeWeight > 0 {
      let share = positiveWeight / (positiveWeight + negativeWeight)
      normalizedEntropy = loss / -(share * log(share) + (1 - share) * log(1 - share))
    }
    guard positives > 0, negatives > 0 else { return }
    areaUnderCurve = orderedPairs.map { Double($0) / (2 * Double(positives) * Double(negatives)) }
  }

  /// The area of one rank's scores alone, in n log n at most; nil where only one class is present or a score is NaN.
  ///
  /// - Parameters:
  ///   - scores: higher means likelier in class 1; any scale.
  ///   - labels: 0 or 1.
  public static func areaUnderCurve(scores: [Float], labels: [Int32]) -> Double? {
    var kept = BinaryScores(capacity: scores.count)
    scores.withUnsafeBufferPointer { scores in labels.withUnsafeBufferPointer { kept.add(scores, labels: $0) } }
    return kept.alone(loss: 0).areaUnderCurve
  }
}

extension Quality {
  /// - Parameter metrics: nil where the model does not score two classes.
  init(loss: Double, accuracy: Double, _ metrics: BinaryMetrics?) {
    self.init(loss: loss, accuracy: accuracy)
    areaUnderCurve = metrics?.areaUnderCurve
    normalizedEntropy = metrics?.normalizedEntropy
    calibration = metrics?.calibration
  }

  /// True where something is known that only a model with one score for two classes has.
  public var isBinary: Bool { areaUnderCurve != nil || normalizedEntropy != nil || calibration != nil }
}
