import Configuration
import Statistics
import Studies

/// What tables and pictures call a study's curves.
extension StudySummary {
  var hasVariants: Bool { variants.contains { $0 != nil } }

  /// `binary, fixed learning rate`: as much of it as tells the curves of this study apart.
  func name(of curve: Curve) -> String {
    let rule = StudyFigures.title(curve.scaling)
    guard let variant = curve.variant else { return rule }
    return Set(curves.map(\.scaling)).count > 1 ? "\(variant), \(rule.lowercased())" : variant
  }

  /// `2 ranks`, or with a variant `binary, 2 ranks`.
  func name(ranks: Int, variant: String?) -> String {
    let name = Format.plural(ranks, "rank")
    guard let variant else { return name }
    return Set(points.map(\.place.ranks)).count > 1 ? "\(variant), \(name)" : variant
  }

  /// Only where two classes were told apart by a score.
  var hasAreaUnderCurve: Bool { points.contains { $0[.validationAUC] != nil } }

  /// What the trials were judged by, `validation` or `test`; the first that finished speaks for all.
  var heldOut: String { provenance.dataset?.heldOut ?? "validation" }
  /// The same at the beginning of a heading.
  var heldOutHeading: String { provenance.dataset?.heldOutHeading ?? "Validation" }

  var globalBatches: [Int] { Set(points.map(\.place.globalBatch)).sorted() }
}

extension JudgedQuality {
  /// For the middle of a sentence: `test accuracy`.
  func name(in summary: StudySummary) -> String {
    switch self {
    case .accuracy: "\(summary.heldOut) accuracy"
    case .areaUnderCurve: "\(summary.heldOut) AUC"
    case .loss: "\(summary.heldOut) log loss"
    }
  }

  func text(_ value: Double) -> String { self == .accuracy ? Format.percent(value) : Format.fixed(value, 4) }

  func text(_ estimate: Estimate?) -> String {
    self == .accuracy
      ? Format.estimate(estimate, times: 100, decimals: 2) + " %" : Format.estimate(estimate, decimals: 4)
  }

  /// A difference.
  func distance(_ value: Double) -> String {
    self == .accuracy ? "\(Format.fixed(value * 100, 2)) points" : Format.fixed(value, 4)
  }
}
