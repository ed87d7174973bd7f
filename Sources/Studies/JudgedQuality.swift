import Configuration
import Training

/// The figure by which a study tells better weights from worse ones.
public enum JudgedQuality: String, Encodable, Sendable {
  case accuracy
  /// Of models with one score: their accuracy says little where one class is rare.
  case areaUnderCurve
  case loss

  public var measure: Measure {
    switch self {
    case .accuracy: .validationAccuracy
    case .areaUnderCurve: .validationAUC
    case .loss: .validationLoss
    }
  }

  public var isBetterHigher: Bool { self != .loss }

  /// Whether the first is better.
  public func isBetter(_ a: Double, _ b: Double) -> Bool { isBetterHigher ? a > b : a < b }

  /// What the study's target is of; without one AUC where it is known, else accuracy.
  init(_ study: StudyConfiguration, _ points: [StudyPoint]) {
    if let target = study.target {
      self = target.quality
    } else {
      self = points.contains { $0[.validationAUC] != nil } ? .areaUnderCurve : .accuracy
    }
  }
}

extension StudyConfiguration.Target {
  public var quality: JudgedQuality {
    if validationAUC != nil { return .areaUnderCurve }
    return validationLoss != nil ? .loss : .accuracy
  }

  public var value: Double { validationAUC ?? validationLoss ?? validationAccuracy ?? 1 }

  func isReached(by figures: Quality) -> Bool {
    switch quality {
    case .accuracy: figures.accuracy >= value
    case .areaUnderCurve: (figures.areaUnderCurve ?? -1) >= value
    case .loss: figures.loss <= value
    }
  }
}
