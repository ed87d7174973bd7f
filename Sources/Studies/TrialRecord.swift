import Configuration
import Landscape
import Training

/// One point of a study: a line of `trials.jsonl`.
public struct TrialRecord: Encodable, Sendable {
  /// Where it lies on the axes.
  public var trial: Trial
  /// The run's record.
  public var run: RunRecord
  /// Seconds that opening the data took, parsing included where it is text; trials that share the data share the figure.
  public var openSeconds: Double?
  /// Bytes of the model; nil in records from before they were kept.
  public var modelSize: ModelSize?
  /// Where the study times calls; the run then has no epochs.
  public var calls: CallTiming?
  /// Where the study looks at the loss around the final weights, and the run came to its end.
  public var sharpness: SharpnessFigures?
  /// The loss between another trial's final weights (α = 0) and this one's (α = 1), where the study follows it.
  public var interpolation: InterpolationFigures?
  /// Which time it is that the trial's work is timed again, from 1, on fewer epochs: of use for times alone. nil for the trial.
  public var round: Int?

  /// The record of a finished run; set the other fields afterwards.
  public init(trial: Trial, run: RunRecord) {
    self.trial = trial
    self.run = run
  }
}

extension TrialRecord {
  /// A trial or one of its rounds.
  struct Identity: Hashable {
    let trial: Trial
    let round: Int?
  }
  var identity: Identity { Identity(trial: trial, round: round) }

  /// The first of each trial: jobs that shared a study in different ways at the same time may both have run one.
  static func withoutRepeats(_ records: [TrialRecord]) -> [TrialRecord] {
    var seen: Set<Identity> = []
    return records.filter { seen.insert($0.identity).inserted }
  }
}

/// Where a trial lies on the study's axes. Its identity: a study repeats no trial that its results already hold.
public struct Trial: OnAxes, Hashable, Sendable {
  /// A value for every axis that the study varies, and its variant where it has some.
  public var values: AxisValues
  /// nil where the study has no parts.
  public var part: String?
  /// Of a study that searches: what this one tries, or what was chosen at its place. nil in others, and as long as nothing was
  /// chosen.
  public var settings: SearchSettings?

  /// At a place.
  public init(_ values: AxisValues, part: String? = nil, settings: SearchSettings? = nil) {
    self.values = values
    self.part = part
    self.settings = settings
  }

  /// On the axes of every study.
  public init(
    globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64, ranks: Int, variant: String? = nil,
    part: String? = nil
  ) {
    self.init(
      StudyPoint.Place(globalBatch: globalBatch, scaling: scaling, ranks: ranks, variant: variant).values, part: part)
    self.seed = seed
  }

  /// Seed of starting weights, sample order, dropout.
  public var seed: UInt64 {
    get { values.seed ?? 0 }
    set { values.seed = newValue }
  }

  /// The same place in one of several studies; nil takes it out of its part.
  func placed(inPart part: String?) -> Trial { Trial(values, part: part, settings: settings) }

  /// The same place with what was chosen there; nil for any.
  func with(_ settings: SearchSettings?) -> Trial { Trial(values, part: part, settings: settings) }
}

extension Trial: Encodable {
  enum CodingKeys: String, CodingKey { case part, settings }

  /// A value by each axis' key, the part and the settings.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(part, forKey: .part)
    try container.encodeIfPresent(settings, forKey: .settings)
  }
}
