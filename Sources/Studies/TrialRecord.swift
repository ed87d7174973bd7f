import Configuration
import Training

/// One point of a study: a line of `trials.jsonl`.
public struct TrialRecord: Encodable, Sendable {
  public var trial: Trial
  public var run: RunRecord
  /// Seconds that opening the data took, parsing included where it is text; trials that share the data share the figure.
  public var openSeconds: Double?
  public var modelSize: ModelSize?
  /// Where the study times calls; the run then has no epochs.
  public var calls: CallTiming?

  public init(trial: Trial, run: RunRecord) {
    self.trial = trial
    self.run = run
  }
}

/// Where a trial lies on the study's axes. Its identity: a study repeats no trial that its results already hold.
public struct Trial: Encodable, Hashable, Sendable {
  public var globalBatch: Int
  public var scaling: LearningRateConfiguration.Scaling
  public var seed: UInt64
  public var ranks: Int
  /// nil where the study has no variants.
  public var variant: String?
  /// nil where the study has no parts.
  public var part: String?

  public init(
    globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64, ranks: Int, variant: String? = nil,
    part: String? = nil
  ) {
    self.globalBatch = globalBatch
    self.scaling = scaling
    self.seed = seed
    self.ranks = ranks
    self.variant = variant
    self.part = part
  }

  /// The same place in one of several studies; nil takes it out of its part.
  func placed(inPart part: String?) -> Trial {
    var trial = self
    trial.part = part
    return trial
  }
}
