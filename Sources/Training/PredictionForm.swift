/// The numbers that stand in a row of predictions.
public struct PredictionForm: Equatable, Sendable {
  /// Scores as the model gives them, before the logistic function or softmax: floats of probabilities are all 1 from a
  /// logit of about 17 on.
  public var areLogits: Bool
  /// Whether the sample's own label follows.
  public var hasLabel: Bool

  /// Probabilities alone, unless something else is said.
  public init(areLogits: Bool = false, hasLabel: Bool = false) {
    self.areLogits = areLogits
    self.hasLabel = hasLabel
  }

  /// Name of the column of labels.
  public static let label = "label"

  /// - Parameter scores: of the model, for one sample.
  func columns(scores: Int) -> [String] {
    let name = areLogits ? "logit" : "probability"
    return (scores == 1 ? [name] : (0..<scores).map { "\(name)\($0)" }) + (hasLabel ? [Self.label] : [])
  }
}
