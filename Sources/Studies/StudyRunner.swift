import Configuration
import Datasets
import Files
import Foundation
import Landscape
import Measurement
import MessagePassing
import Training

/// Runs the trials that a study still lacks, in one job: a trial of fewer ranks runs on a part of the job's ranks while
/// the others sleep.
public final class StudyRunner {
  /// An event of a study, for whoever watches it on rank 0.
  public enum Event {
    /// A trial is about to start: which one of how many, those finished before included.
    case begins(Trial, evaluatedOn: EvaluatedOn, number: Int, of: Int)
    /// A trial's work is about to be timed again, for this time.
    case timesAgain(Trial, evaluatedOn: EvaluatedOn, round: Int)
    /// News of the trial that is under way.
    case training(TrainingEvent)
    /// A trial has finished, with its record.
    case ended(TrialRecord)
  }

  private let study: StudyConfiguration
  private let world: Communicator
  private let command: String
  /// Of trials whose way to another's weights is followed, that one.
  private let wayEnds: [Trial: Trial]
  /// The data of the last trial: kept, since most trials share theirs.
  private var data: OpenData?

  /// Data, and how long opening it took.
  private struct OpenData {
    let configuration: DataConfiguration
    let pair: DatasetPair
    let seconds: Double
  }

  /// Collective.
  /// - Parameter study: with its rank counts decided; see `StudyConfiguration.filled`.
  /// - Throws: `CollectiveError` where the job has fewer ranks than the study asks for, or a claim does not fit the
  ///   study.
  public init(_ study: StudyConfiguration, world: Communicator, command: String) throws {
    try world.agree {
      try study.checkClaims()
      try study.checkInterpolation()
      guard let most = study.rankCounts.first, most > world.size else { return }
      throw StudyError(
        "axes.ranks asks for \(most) ranks and this job has \(world.size): start it with mpirun -np \(most), "
          + "or lower axes.ranks")
    }
    self.study = study
    wayEnds = study.wayEnds(of: study.trials)
    self.world = world
    self.command = command
  }

  /// Collective. Returns the outcome that ended it: `.completed`, or `.interrupted` where it was asked to stop.
  /// - Parameters:
  ///   - store: on rank 0, where finished trials are kept; nil elsewhere.
  /// - Throws: `CollectiveError` where data cannot be opened, are not those of finished trials, or memory does not
  ///   suffice for a trial.
  public func run(_ store: TrialStore?, report: (Event) -> Void) throws -> RunRecord.Outcome {
    let outcome = try runTrials(store, report)
    return outcome == .completed ? try runRounds(store, report) : outcome
  }

  private func runTrials(_ store: TrialStore?, _ report: (Event) -> Void) throws -> RunRecord.Outcome {
    try world.agree { try checkMovedData(of: store?.records ?? []) }
    let outcome = try run(study.firstTrials, store, isLast: !study.searches, report)
    guard outcome == .completed, study.searches else { return outcome }
    // What the settings' trials decided is known where their records are.
    return try run(study.resultTrials(try choices(store)), store, isLast: true, report)
  }

  /// On every rank.
  private func choices(_ store: TrialStore?) throws -> [Int] {
    let own = store.map { study.choices($0.records) } ?? [Int](repeating: 0, count: study.searchPlaces.count)
    return try world.broadcast(own, root: 0)
  }

  /// Those of these trials that are left, in order.
  ///
  /// - Parameter isLast: nothing comes after them.
  private func run(
    _ trials: [Trial], _ store: TrialStore?, isLast: Bool, _ report: (Event) -> Void
  ) throws -> RunRecord.Outcome {
    let remaining = try left(of: trials, store)
    let memory = try NodeMemory(world)
    try world.agree { try check(remaining, against: store?.records ?? [], memory) }
    let total = store?.trials.count ?? 0
    let finished = total - (store?.remaining.count ?? 0)
    for (index, (trial, configuration)) in remaining.enumerated() {
      let number = finished + index + 1
      PeakMemory.forget()
      // Until the trial trains, finished ones are all there is, and they are kept.
      Interruption.answer(with: .ending)
      let data = try world.agree { try open(configuration.data) }
      if world.rank == 0 { report(.begins(trial, evaluatedOn: data.evaluatedOn, number: number, of: total)) }
      let outcome = try run(
        trial, configuration, data, store, isLast: isLast && index == remaining.count - 1, report)
      if outcome.isInterrupted { return outcome }
    }
    return .completed
  }

  /// Times again what others disturbed, and what is not known well enough.
  private func runRounds(_ store: TrialStore?, _ report: (Event) -> Void) throws -> RunRecord.Outcome {
    let trials = study.plan(try study.searches ? choices(store) : [])
    let own = store?.trials.filter { !study.isSearch($0) }
    let rounds = TimingRounds(study: study, trials: own ?? trials)
    while true {
      let next = store.flatMap { rounds.next($0.records) }
      let wanted = try world.broadcast(
        [next.flatMap { trials.firstIndex(of: $0.trial) } ?? -1, next?.round ?? 0], root: 0)
      guard wanted[0] >= 0 else { return .completed }
      let (trial, round) = (trials[wanted[0]], wanted[1])
      guard let configuration = rounds.run(for: trial) else { preconditionFailure("a round of no trial: \(trial)") }
      Interruption.answer(with: .ending)
      let data = try world.agree { try open(configuration.data) }
      if world.rank == 0 { report(.timesAgain(trial, evaluatedOn: data.evaluatedOn, round: round)) }
      let outcome = try run(trial, configuration, data, store, round: round, isLast: false, report)
      if outcome.isInterrupted { return outcome }
    }
  }

  /// The trials left, as rank 0 knows them from the disk: on every rank.
  private func left(of trials: [Trial], _ store: TrialStore?) throws -> [(Trial, RunConfiguration)] {
    let remaining = Set(store?.remaining ?? [])
    let trials = study.ordered(trials)
    let isLeft = try world.broadcast(trials.map { remaining.contains($0) ? UInt8(1) : 0 }, root: 0)
    return zip(trials, isLeft).filter { $0.1 == 1 }.map { trial, _ in
      guard let run = study.run(for: trial) else { preconditionFailure("a trial of no part: \(trial)") }
      return (trial, run)
    }
  }

  /// A trial that does not fit is named before the first one runs, whatever data it uses.
  private func check(
    _ trials: [(Trial, RunConfiguration)], against finished: [TrialRecord], _ memory: NodeMemory
  ) throws {
    var sources: [DataConfiguration] = []
    for (_, run) in trials where !sources.contains(run.data) { sources.append(run.data) }
    for source in sources {
      let pair = try open(source)
      try requireValidation(pair, of: trials.filter { $0.1.data == source }.map(\.0))
      try Self.requireSame(pair, source, as: finished.filter { study.run(for: $0.trial)?.data == source })
      for (trial, run) in trials where run.data == source {
        do {
          try Trainer.requireStart(of: run)
          let parts = try Trainer.memoryParts(
            for: run, pair, ranks: trial.ranks, ranksOfHost: memory.ranks.count { $0 < trial.ranks })
          try memory.require(parts, jobRanks: trial.ranks)
        } catch  where trial.part != nil { throw StudyError("part '\(trial.part ?? "")': \(error)") }
      }
    }
  }

  /// Data that now lie elsewhere are looked at even where no trial needs them any more: they stand in the study's file,
  /// beside results that must be theirs.
  private func checkMovedData(of finished: [TrialRecord]) throws {
    var checked: [DataConfiguration] = []
    for record in finished {
      guard let data = study.run(for: record.trial)?.data, !checked.contains(data),
        data.path != record.run.configuration.data.path
      else { continue }
      checked.append(data)
      try Self.requireSame(try open(data), data, as: finished.filter { study.run(for: $0.trial)?.data == data })
    }
  }

  /// Trials on other data could not be compared. Their checksum tells, wherever they lie; records from before there was one
  /// tell the path alone.
  private static func requireSame(
    _ data: DatasetPair, _ configuration: DataConfiguration, as finished: [TrialRecord]
  ) throws {
    for run in finished.map(\.run) {
      guard let theirs = run.dataset.checksum else {
        let path = run.configuration.data.path
        guard path != configuration.path else { continue }
        throw StudyError(
          "data.path is \(configuration.path), and finished trials of this study, from before data had checksums, learned "
            + "from \(path): give another folder with --output, or put the data back there")
      }
      guard theirs != data.checksum else { continue }
      throw StudyError(
        "\(data.path) is not the data that finished trials of this study learned from (checksum "
          + "\(data.checksum ?? "none"), theirs \(theirs)): give another folder with --output, or put the data back")
    }
  }

  /// What is chosen by the test set would be judged by what it was chosen by.
  private func requireValidation(_ data: DatasetPair, of trials: [Trial]) throws {
    guard data.evaluatedOn == .test, trials.contains(where: { study.owner(of: $0)?.search != nil }) else { return }
    throw StudyError(
      "\(data.path) holds no validation split, by which a search chooses: set data.validation, such as {fraction: 0.1}")
  }

  private func open(_ configuration: DataConfiguration) throws -> DatasetPair {
    if let data, data.configuration == configuration { return data.pair }
    // Let go of the last before the next takes memory.
    data = nil
    let start = MonotonicClock.now()
    let pair = try DatasetPair.open(configuration)
    data = OpenData(
      configuration: configuration, pair: pair, seconds: Double(MonotonicClock.now() - start) * 1e-9)
    return pair
  }

  private func run(
    _ trial: Trial, _ configuration: RunConfiguration, _ pair: DatasetPair, _ store: TrialStore?, round: Int? = nil,
    isLast: Bool, _ report: (Event) -> Void
  ) throws -> RunRecord.Outcome {
    let openSeconds = try world.allReduce(data?.seconds ?? 0, .maximum)
    // Threads for the whole job, so that a trial of fewer ranks does not compute with the cores of those that sleep.
    let threads = try ThreadPlan(requested: configuration.execution.threads, world)
    let members = try world.split(color: world.rank < trial.ranks ? 0 : nil)
    var outcome = RunRecord.Outcome.completed
    if let members {
      let session = try TrainingSession(configuration, data: pair, threads: threads, members)
      let isKept = round == nil && configuration.checkpoint != nil && study.owner(of: trial)?.calls == nil
      let folder = isKept ? try members.broadcast(store?.checkpoints(of: configuration, ranks: trial.ranks) ?? "") : nil
      let trainer = try trainer(configuration, session, folder, report)
      var record = try execute(trial, trainer, report)
      record.openSeconds = openSeconds
      record.round = round
      outcome = try look(around: trainer, members, &record, store, report)
      try keep(record, outcome, store, report)
      if store != nil, let folder, !outcome.isInterrupted { TrialStore.removeCheckpoints(trainer, folder) }
    }
    return try agreed(outcome, isLast: isLast)
  }

  /// - Parameter folder: of the trial's checkpoints, from which it goes on where it was cut short; nil for none.
  private func trainer(
    _ configuration: RunConfiguration, _ session: TrainingSession, _ folder: String?, _ report: (Event) -> Void
  ) throws -> Trainer {
    guard let folder else { return try Trainer(configuration, session) }
    func notice(_ words: String) {
      if session.communicator.rank == 0 { report(.training(.notice(words))) }
    }
    let checkpoint = try Checkpoint.newest(in: folder, session.communicator, notice: notice)
    if let checkpoint { notice(checkpoint.words) }
    let trainer = try Trainer(configuration, resuming: checkpoint, session)
    if let blindness = try trainer.writeCheckpoints(in: folder) { notice(blindness) }
    return trainer
  }

  private func execute(_ trial: Trial, _ trainer: Trainer, _ report: (Event) -> Void) throws -> TrialRecord {
    var record: TrialRecord
    if let calls = study.owner(of: trial)?.calls {
      let (run, timing) = try trainer.timeCalls(calls, command: command)
      record = TrialRecord(trial: trial, run: run)
      record.calls = timing
    } else {
      record = TrialRecord(trial: trial, run: try trainer.run(command: command) { report(.training($0)) })
    }
    record.modelSize = trainer.modelSize
    return record
  }

  /// The loss around the final weights and on the way to another trial's, where the study asks for them.
  ///
  /// - Returns: the trial's outcome, which is another where it is asked to stop meanwhile.
  private func look(
    around trainer: Trainer, _ members: Communicator, _ record: inout TrialRecord, _ store: TrialStore?,
    _ report: (Event) -> Void
  ) throws -> RunRecord.Outcome {
    let outcome = record.run.outcome
    guard let owner = study.owner(of: record.trial), record.round == nil, outcome == .completed else { return outcome }
    func notice(_ words: String) { if world.rank == 0 { report(.training(.notice(words))) } }
    do {
      if let sharpness = owner.sharpness {
        notice("looking at the loss around the final weights")
        record.sharpness = try trainer.sharpness(sharpness)
      }
      try keepWeights(of: record, trainer, store, members)
      if let interpolation = owner.interpolation, let end = wayEnds[record.trial] {
        let file = try keptWeights(of: end, store, members)
        notice(
          file == nil
            ? "no interpolation: the trial at the other end of the way did not come to its end"
            : "following the loss on the way to another trial's final weights")
        record.interpolation = try file.map {
          try trainer.interpolation(interpolation, towards: URL(fileURLWithPath: $0))
        }
      }
    } catch is Interruption.Asked { return .interrupted(step: record.run.updates) }
    return outcome
  }

  /// Where others are interpolated towards this trial.
  private func keepWeights(
    of record: TrialRecord, _ trainer: Trainer, _ store: TrialStore?, _ members: Communicator
  ) throws {
    guard wayEnds.values.contains(record.trial) else { return }
    try members.agree {
      guard let store else { return }
      let file = store.weights(of: record.run.configuration, ranks: record.trial.ranks)
      _ = try OutputFolder(PathParts.folder(of: file))
      try trainer.saveWeights(to: URL(fileURLWithPath: file))
    }
  }

  /// On every rank of a trial; nil where there are none.
  private func keptWeights(of trial: Trial, _ store: TrialStore?, _ members: Communicator) throws -> String? {
    let own = try members.agree { try store?.keptWeights(of: trial) ?? "" }
    let file = try members.broadcast(own)
    return file.isEmpty ? nil : file
  }

  /// A trial that was cut short is no result.
  private func keep(
    _ record: TrialRecord, _ outcome: RunRecord.Outcome, _ store: TrialStore?, _ report: (Event) -> Void
  ) throws {
    if outcome.isInterrupted { return }
    try store?.append(record)
    if store != nil { report(.ended(record)) }
  }

  /// Everybody waits for the trial's ranks, asleep, and learns whether anybody was asked to stop: after the last trial
  /// there is nothing left to stop.
  private func agreed(_ outcome: RunRecord.Outcome, isLast: Bool) throws -> RunRecord.Outcome {
    Interruption.answer(with: .noting)
    try world.politeBarrier()
    var step = Interruption.isRequested && !isLast ? 0 : -1
    if case .interrupted(let reached) = outcome { step = reached }
    let agreed = try world.allReduce(step, .maximum)
    return agreed < 0 ? .completed : .interrupted(step: agreed)
  }
}

/// The largest resident set that the system remembers.
enum PeakMemory {
  /// Lets it start again from the present one (Linux, proc(5), clear_refs), so that a trial is not charged with the peak
  /// of one before it. Where the system does not let it, peaks are those of all trials so far.
  static func forget() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    try? file.write(contentsOf: Data("5".utf8))
    try? file.close()
  }
}
