import Configuration
import Training

/// The figure by which a study tells better weights from worse ones.
public enum JudgedQuality: String, Encodable, Sendable {
  /// The share of right predictions.
  case accuracy
  /// For models with one score: their accuracy says little where one class is rare.
  case areaUnderCurve
  /// The mean loss, in nats.
  case loss

  /// The measure that is compared.
  public var measure: Measure {
    switch self {
    case .accuracy: .validationAccuracy
    case .areaUnderCurve: .validationAUC
    case .loss: .validationLoss
    }
  }

  /// As the measure's facts say.
  public var isBetterHigher: Bool { measure.facts.better == .higher }

  /// Whether the first is better.
  public func isBetter(_ a: Double, _ b: Double) -> Bool { isBetterHigher ? a > b : a < b }

  /// The quality that the study's target is of; without one AUC where it is known, else accuracy.
  ///
  /// - Parameter hasArea: whether some result has an AUC.
  init(_ study: StudyConfiguration, hasArea: Bool) {
    self = study.target?.quality ?? (hasArea ? .areaUnderCurve : .accuracy)
  }
}

extension StudyConfiguration.Target {
  /// The quality that the target is of.
  public var quality: JudgedQuality {
    if validationAUC != nil { return .areaUnderCurve }
    return validationLoss != nil ? .loss : .accuracy
  }

  /// Good enough: at least, of a loss at most.
  public var value: Double { validationAUC ?? validationLoss ?? validationAccuracy ?? 1 }

  package func isReached(by figures: Quality) -> Bool {
    switch quality {
    case .accuracy: figures.accuracy >= value
    case .areaUnderCurve: (figures.areaUnderCurve ?? -1) >= value
    case .loss: figures.loss <= value
    }
  }
}
