import Configuration
import Training

extension StudyPoint {
  /// Epochs between two milestones of a batch's schedule, as the first of the point's trials ran them; every seed has the same.
  public struct Stage: Encodable, Equatable, Sendable {
    /// From 1.
    public var firstEpoch: Int
    /// The stage's, or the run's, where that ended before.
    public var lastEpoch: Int
    /// Samples of an update.
    public var globalBatch: Int
    /// Made in these epochs.
    public var updates: Int
    /// At the end of the first epoch.
    public var firstRate: Double
    /// At the end of the last epoch.
    public var lastRate: Double
    /// g at `firstRate`; nil where the rule is not SGD.
    public var firstNoise: Double?
    /// g at `lastRate`.
    public var lastNoise: Double?
  }

  /// A stage for each part of the run that lies between two milestones.
  static func stages(_ run: RunRecord) -> [Stage] {
    let schedule = run.configuration.batchSchedule
    let parts = Dictionary(grouping: run.epochs) { schedule?.milestones(passedIn: $0.epoch - 1) ?? 0 }
    return parts.sorted { $0.key < $1.key }.map { _, epochs in
      let (first, last) = (epochs[0], epochs[epochs.count - 1])
      return Stage(
        firstEpoch: first.epoch, lastEpoch: last.epoch, globalBatch: run.globalBatch(in: first),
        updates: epochs.reduce(0) { $0 + $1.ledger.steps }, firstRate: first.learningRate, lastRate: last.learningRate,
        firstNoise: run.noiseScale(in: first), lastNoise: run.noiseScale(in: last))
    }
  }
}

extension StudyConfiguration {
  /// Whether some run of it has a schedule of its batch: then what every run's batch, rate and noise were is looked at.
  var schedulesBatches: Bool { ([run] + (variants ?? []).map(\.run)).contains { $0.batchSchedule != nil } }
}
