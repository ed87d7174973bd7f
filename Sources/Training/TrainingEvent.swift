/// News of a run for whoever watches it. Only rank 0 tells.
public enum TrainingEvent {
  /// After every update: cheap to make; whoever shows it decides how often.
  case step(StepProgress)
  /// After every epoch, with its figures over all ranks.
  case epoch(EpochRecord)
  /// Something that the user should know: an idle rank, a fallback.
  case notice(String)
}

/// Where a run is after an update.
public struct StepProgress {
  /// From 1.
  public var epoch: Int
  /// Epochs that the run will make, unless `steps` ends it before.
  public var epochs: Int
  /// Updates made in this run, and how many it will make.
  public var updates: Int
  /// Updates that the run will make.
  public var totalUpdates: Int
  /// Samples of the whole global batches so far in this epoch, over all ranks.
  public var samples: Int
  /// Mean of rank 0's samples in this epoch, in nats.
  public var loss: Double
}
