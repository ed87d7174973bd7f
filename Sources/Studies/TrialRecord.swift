import Configuration
import Training

/// One point of a study: a line of `trials.jsonl`.
public struct TrialRecord: Codable, Sendable {
  public var trial: Trial
  public var run: RunRecord

  public init(trial: Trial, run: RunRecord) {
    self.trial = trial
    self.run = run
  }
}

/// Where a trial lies on the study's axes. Its identity: a study repeats no trial that its results already hold.
public struct Trial: Codable, Hashable, Sendable {
  public var globalBatch: Int
  public var scaling: LearningRateConfiguration.Scaling
  public var seed: UInt64
  public var ranks: Int

  public init(globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64, ranks: Int) {
    self.globalBatch = globalBatch
    self.scaling = scaling
    self.seed = seed
    self.ranks = ranks
  }
}
