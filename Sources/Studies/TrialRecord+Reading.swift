import Configuration
import Landscape
import Training

extension TrialRecord {
  static let stored = StoredKind(
    "a study's trial", version: 1,
    remedy: "remove that line to run its trial again, or give another folder with --output")

  private enum Key: String, SectionKey {
    case version, trial, run, openSeconds, modelSize, calls, sharpness, interpolation, round
  }

  /// A line of `trials.jsonl`.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  package init(stored node: ConfigurationNode) throws {
    do { self = try Self.stored.read(node) { try TrialRecord(section: Section<Key>($0)) } } catch {
      throw ConfigurationError("\(error); \(Self.stored.remedy)")
    }
  }

  private init(section: Section<Key>) throws {
    let node = try section.required(.trial)
    self.init(trial: try Trial(node), run: try RunRecord(try section.required(.run)))
    openSeconds = try section.optional(.openSeconds)?.number(.amount)
    modelSize = try section.optional(.modelSize).map(ModelSize.init)
    calls = try section.optional(.calls).map(CallTiming.init)
    sharpness = try section.optional(.sharpness).map(SharpnessFigures.init)
    interpolation = try section.optional(.interpolation).map(InterpolationFigures.init)
    round = try section.optional(.round)?.whole(in: 1...1_000_000)
    let configuration = run.configuration
    guard trial.globalBatch == configuration.globalBatch, trial.seed == configuration.seed, trial.ranks == run.ranks
    else {
      throw node.error("trial is of another global batch, seed or number of ranks than its run")
    }
  }
}

/// Keys of a trial: axes, the part and the settings of a search.
private struct TrialKey: SectionKey {
  static let allCases = (Axis.ofTrials.map(\.key) + [part, settings]).map { TrialKey(known: $0) }
  private static let part = "part"
  private static let settings = "settings"
  static let ofPart = TrialKey(known: part)
  static let ofSettings = TrialKey(known: settings)

  let rawValue: String

  private init(known: String) { rawValue = known }

  init?(rawValue: String) {
    guard let key = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = key
  }
}

extension Trial {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<TrialKey>(node)
    self.init(
      try AxisValues(section, requiring: Axis.own), part: try section.optional(.ofPart)?.text(),
      settings: try section.optional(.ofSettings).map { try SearchSettings(stored: $0) })
  }
}
