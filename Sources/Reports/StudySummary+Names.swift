import Configuration
import Foundation
import Statistics
import Studies

/// Names of a study's curves in tables and pictures.
extension StudySummary {
  var hasVariants: Bool { variants.contains { $0 != nil } }

  /// Whether curves differ by more than the rule for the rate.
  var hasNames: Bool { hasVariants || !furtherAxes.isEmpty }

  /// `binary, fixed learning rate`: as much of it as tells the curves of this study apart.
  func name(of curve: Curve) -> String {
    let rule = StudyFigures.title(curve.scaling)
    let names = curve.names
    guard !names.isEmpty else { return rule }
    return (names + (Set(curves.map(\.scaling)).count > 1 ? [rule.lowercased()] : [])).joined(separator: ", ")
  }

  /// `2 ranks`, or with a variant `binary, 2 ranks`.
  func name(ofExecution place: some OnAxes) -> String {
    let (names, ranks) = (place.names, Format.plural(place.ranks, "rank"))
    guard !names.isEmpty else { return ranks }
    return (names + (Set(points.map(\.place.ranks)).count > 1 ? [ranks] : [])).joined(separator: ", ")
  }

  /// Only where two classes were told apart by a score.
  var hasAreaUnderCurve: Bool { points.contains { $0[.validationAUC] != nil } }

  /// The split that the trials were judged by, `validation` or `test`; the first that finished speaks for all.
  var heldOut: String { provenance.dataset?.heldOut ?? "validation" }
  /// The same at the beginning of a heading.
  var heldOutHeading: String { provenance.dataset?.heldOutHeading ?? "Validation" }

  /// The words of a measure's facts, in which "validation" stands for the data that weights are judged by.
  func words(_ text: String) -> String {
    text.replacingOccurrences(of: "Validation", with: heldOutHeading)
      .replacingOccurrences(of: "validation", with: heldOut)
  }

  /// Whether no curve has two batches, so that there is nothing to draw against the batch: curves are named, and have one each.
  var hasOneBatchACurve: Bool {
    let curves = Dictionary(grouping: points) { $0.place.values.without(.globalBatch, .ranks) }
    return hasNames && curves.values.allSatisfy { Set($0.map(\.place.globalBatch)).count < 2 }
  }

  var globalBatches: [Int] { Set(points.map(\.place.globalBatch)).sorted() }
}

extension OnAxes {
  /// Names of what tells curves apart, the rule for the rate aside: variant and further axes.
  var names: [String] { [variant].compactMap { $0 } + values.furtherNames }
}

extension AxisValues {
  /// `momentum 0.5`.
  var furtherNames: [String] { further.map { "\($0.axis.title.lowercased()) \($0.value.text)" } }
}

extension AxisValue {
  /// For people.
  var text: String {
    switch self {
    case .whole(let value): Format.integer(value)
    case .number(let value): Int(exactly: value).map(Format.integer) ?? description
    case .seed, .word: description
    }
  }
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
    let facts = measure.facts
    return Format.estimate(estimate, times: facts.factor, decimals: facts.decimals) + (self == .accuracy ? " %" : "")
  }

  /// A difference.
  func distance(_ value: Double) -> String {
    self == .accuracy ? "\(Format.fixed(value * 100, 2)) points" : Format.fixed(value, 4)
  }
}
