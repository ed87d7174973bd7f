import Configuration
import Datasets
import MessagePassing
import Training

/// Runs the trials that a study still lacks, in one job: a trial of fewer ranks runs on a part of the job's ranks while
/// the others sleep.
public struct StudyRunner {
  /// What a study tells whoever watches it, on rank 0.
  public enum Event {
    case begins(Trial, run: RunConfiguration, number: Int, of: Int)
    case training(TrainingEvent)
    case ended(TrialRecord)
  }

  private let study: StudyConfiguration
  private let world: Communicator
  private let command: String
  private let threads: ThreadPlan

  /// Collective.
  /// - Parameter study: with its rank counts decided; see `StudyConfiguration.filled`.
  public init(_ study: StudyConfiguration, world: Communicator, command: String) throws {
    try world.agree {
      guard let most = study.rankCounts.first, most > world.size else { return }
      throw StudyError(
        "axes.ranks asks for \(most) ranks and this job has \(world.size): start it with mpirun -np \(most), "
          + "or lower axes.ranks")
    }
    self.study = study
    self.world = world
    self.command = command
    // Of the whole job, so that a trial of fewer ranks does not compute with the cores of those that sleep.
    threads = try ThreadPlan(requested: study.run.execution.threads, world)
  }

  /// Collective. Returns the outcome that ended it: `.completed`, or `.interrupted` where it was asked to stop.
  /// - Parameters:
  ///   - store: on rank 0, where finished trials are kept; nil elsewhere.
  public func run(_ store: TrialStore?, report: (Event) -> Void) throws -> RunRecord.Outcome {
    let remaining = try plan(store)
    guard !remaining.isEmpty else { return .completed }
    let data = try world.agree { try openData(for: remaining) }
    let total = study.trials.count
    for (index, trial) in remaining.enumerated() {
      let configuration = study.run(for: trial)
      let number = total - remaining.count + index + 1
      if world.rank == 0 { report(.begins(trial, run: configuration, number: number, of: total)) }
      let outcome = try run(trial, configuration, data, store, report)
      if case .interrupted = outcome { return outcome }
    }
    return .completed
  }

  /// What is left, as rank 0 knows it from the disk: on every rank.
  private func plan(_ store: TrialStore?) throws -> [Trial] {
    let finished = store?.finished ?? []
    let isLeft = try world.broadcast(study.trials.map { finished.contains($0) ? UInt8(0) : 1 }, root: 0)
    return zip(study.trials, isLeft).filter { $0.1 == 1 }.map(\.0)
  }

  /// For all trials; and what does not fit one of them is said before the first.
  private func openData(for trials: [Trial]) throws -> DatasetPair {
    let data = try DatasetPair.open(study.run.data)
    for trial in trials {
      _ = try GlobalBatchPlan(
        samples: data.training.count, globalBatch: trial.globalBatch, microBatch: study.run(for: trial).microBatch)
    }
    return data
  }

  private func run(
    _ trial: Trial, _ configuration: RunConfiguration, _ data: DatasetPair, _ store: TrialStore?,
    _ report: (Event) -> Void
  ) throws -> RunRecord.Outcome {
    let members = try world.split(color: world.rank < trial.ranks ? 0 : nil)
    var outcome = RunRecord.Outcome.completed
    if let members {
      let session = try TrainingSession(configuration, data: data, threads: threads, members)
      let record = try Trainer(configuration, session).run(command: command) { report(.training($0)) }
      outcome = record.outcome
      try keep(TrialRecord(trial: trial, run: record), store, report)
    }
    return try agreed(outcome)
  }

  /// A trial that was cut short is no result.
  private func keep(_ record: TrialRecord, _ store: TrialStore?, _ report: (Event) -> Void) throws {
    if case .interrupted = record.run.outcome { return }
    try store?.append(record)
    if store != nil { report(.ended(record)) }
  }

  /// Everybody waits for the trial's ranks, asleep, and learns whether they were asked to stop.
  private func agreed(_ outcome: RunRecord.Outcome) throws -> RunRecord.Outcome {
    try world.politeBarrier()
    var step = -1
    if case .interrupted(let reached) = outcome { step = reached }
    let agreed = try world.allReduce(step, .maximum)
    return agreed < 0 ? .completed : .interrupted(step: agreed)
  }
}
