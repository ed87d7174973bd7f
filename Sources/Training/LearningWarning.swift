import Configuration
import Layers

/// A sign that a run trains and learns nothing, or less than it could: found by an evaluation, each kind once in a run.
public struct LearningWarning: Encodable, Equatable, Sendable {
  /// What is wrong.
  public var kind: Kind
  /// After which it was found: from 1.
  public var epoch: Int
  /// What was found, and what may help: a sentence.
  public var words: String

  /// - Parameters:
  ///   - epoch: from 1.
  ///   - words: a sentence, without the epoch.
  public init(kind: Kind, epoch: Int, words: String) { (self.kind, self.epoch, self.words) = (kind, epoch, words) }

  /// The signs that are looked for.
  public enum Kind: String, Encodable, CaseIterable, Sendable {
    /// All samples are taken for one class, or have one score.
    case constantPredictions
    /// Scores that order samples no better than chance does.
    case chance
    /// A class without a training sample.
    case missingClasses
    /// More than half of a layer's units are never active.
    case deadUnits
  }
}

private enum LearningWarningKey: String, SectionKey { case kind, epoch, words }

extension LearningWarning {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<LearningWarningKey>(node)
    self.init(
      kind: try section.required(.kind).choice(), epoch: try section.required(.epoch).whole(),
      words: try section.required(.words).anyText())
  }
}

extension LearningSigns {
  /// A share of a layer's units above which their silence is said.
  private static let mostSilent = 0.5
  /// Twice the area's deviation, in a set so small that it is above this, tells nothing.
  private static let widestChance = 0.1

  /// - Parameters:
  ///   - quality: of the same evaluation.
  ///   - split: whose samples were evaluated: `validation` or `test`.
  ///   - trained: the classes that training has met; nil where it has not met all samples.
  /// - Returns: what is wrong, in words.
  package func findings(_ quality: Quality, split: String, trained: [Bool]?) -> [LearningWarning.Kind: String] {
    let found: [(LearningWarning.Kind, String?)] = [
      (.constantPredictions, constantPredictions(split)), (.chance, chance(quality, split)),
      (.missingClasses, trained.flatMap { missingClasses($0, split) }), (.deadUnits, deadUnits(split)),
    ]
    return Dictionary(uniqueKeysWithValues: found.compactMap { kind, words in words.map { (kind, $0) } })
  }

  private static let remedies =
    "look whether labels belong to their samples and inputs are normalised, and try another learningRate.base or a warm-up"

  private func constantPredictions(_ split: String) -> String? {
    guard highest >= lowest, !arePredictionsDifferent else { return nil }
    let what = isBinary ? "have one score, \(highest)" : "are taken for class \(Int(highest))"
    return "all \(split) samples \(what): the model tells nothing apart; \(Self.remedies)"
  }

  private func chance(_ quality: Quality, _ split: String) -> String? {
    guard arePredictionsDifferent, let area = quality.areaUnderCurve, let deviation = areaDeviation,
      2 * deviation <= Self.widestChance, abs(area - 0.5) <= 2 * deviation
    else { return nil }
    let error = (2 * deviation * 10_000).rounded() / 10_000
    return
      "the area under the curve of the \(split) samples is \((area * 10_000).rounded() / 10_000), which scores that know nothing have "
      + "too (0.5 ± \(error)); \(Self.remedies)"
  }

  private func missingClasses(_ trained: [Bool], _ split: String) -> String? {
    let missing = trained.indices.filter { !trained[$0] }
    guard !missing.isEmpty else { return nil }
    let wanted = missing.filter { samplesOfClass[$0] > 0 }
    let shown = Self.list(missing)
    return
      "\(missing.count) of \(trained.count) classes \(missing.count == 1 ? "has" : "have") no training sample (\(shown))"
      + (wanted.isEmpty
        ? "" : ", and \(split) samples have \(wanted == missing ? "them" : Self.list(wanted)), which nobody can tell")
      + ": look at the labels, data.limit and how data.validation is drawn, or lower data.classes"
  }

  private func deadUnits(_ split: String) -> String? {
    let dead = activity.layers.filter { Double($0.silent.count) > Self.mostSilent * Double($0.units) }
    guard !dead.isEmpty else { return nil }
    let shown = dead.prefix(5).map { "\($0.silent.count) of \($0.units) units of \($0.name)" }.joined(separator: ", ")
    return
      "\(shown)\(dead.count > 5 ? " …" : "") put out 0 for every \(split) sample, let no gradient through and learn no more: lower "
      + "learningRate.base, warm it up (learningRate.warmUpEpochs), or normalise (model.batchNorm)"
  }

  private static func list(_ classes: [Int]) -> String {
    classes.prefix(10).map { "\($0)" }.joined(separator: ", ") + (classes.count > 10 ? " …" : "")
  }
}
