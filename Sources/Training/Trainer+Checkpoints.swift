import Configuration
import Files
import Foundation
import Layers
import Measurement
import Watch

/// What a run writes down on its way, so that another process can go on from there.
final class Checkpointing {
  let folder: CheckpointFolder
  let settings: CheckpointConfiguration
  var schedule: CheckpointSchedule
  let writer = CheckpointWriter()
  /// Ranks that write: all, or the first alone where the others do not see its folder.
  private(set) var writers: Int
  /// One is due, and waits for a moment at which there is one state.
  var isPending = false
  /// Updates before the last one; nil before the first.
  var last: Int?
  /// The folder of the last one; nil before the first.
  var lastPlace: String?

  init(_ settings: CheckpointConfiguration, _ folder: CheckpointFolder, writers: Int) {
    (self.settings, self.folder, self.writers) = (settings, folder, writers)
    schedule = CheckpointSchedule(settings.interval, now: MonotonicClock.seconds)
  }

  /// Some of those that wrote are gone, and what they had not written is of no use. One is due, of those who are left.
  func beginAnew(ranks: Int) {
    _ = writer.finish()
    writers = min(writers, ranks)
    (isPending, last) = (true, nil)
  }

  /// Checkpoints that stay for good.
  func stays(_ updates: Int) -> Bool {
    guard let every = settings.keepEvery, case .steps(let steps) = settings.interval else { return false }
    return updates > 0 && updates % (steps * every) == 0
  }
}

extension Trainer {
  /// From now on `run` writes the checkpoints that the configuration asks for. Collective.
  ///
  /// - Parameter folder: of the run.
  /// - Returns: what the user should know, on every rank.
  /// - Throws: `CollectiveError` where the folder cannot be made.
  public func writeCheckpoints(in folder: String) throws -> String? {
    guard let settings = configuration.checkpoint else { return nil }
    let folder = CheckpointFolder(in: try communicator.broadcast(folder, root: 0))
    let mark = "\(folder.path)/.\(try communicator.broadcast(UniqueName.make(), root: 0))"
    try communicator.agree {
      guard crew.rank == 0 else { return }
      try OutputFolder.create(folder.path)
      folder.removeNewer(than: updates)
      try AtomicFile.write(Data("\n".utf8), to: mark)
    }
    let blind = try communicator.allReduce(InputFile.kind(of: mark) == .absent ? 1 : 0, .sum)
    if crew.rank == 0 { unlink(mark) }
    checkpoints = Checkpointing(settings, folder, writers: blind == 0 ? crew.ranks : 1)
    return blind == 0
      ? nil
      : "\(blind) ranks do not see \(folder.path): the first rank writes all of a checkpoint, and they can go on from it only "
        + "where they see it: put --output on a file system that all hosts share"
  }

  /// The run has ended and is saved: what it could go on from is of no more use. On one rank.
  public func removeCheckpoints() {
    guard let checkpoints else { return }
    checkpoints.folder.removeAll(except: checkpoints.stays)
  }

  /// Before a step: on rank 0 alone, whether time has come for one.
  func askForCheckpoint() {
    guard let checkpoints, crew.rank == 0, checkpoints.schedule.seconds != nil else { return }
    crew.asksForCheckpoint = checkpoints.schedule.isDue(afterUpdates: updates, now: MonotonicClock.seconds)
  }

  /// After a step. Collective: all ranks learn what the first has asked for.
  func hearOfCheckpoint() throws {
    guard let checkpoints else { return }
    if checkpoints.schedule.seconds == nil {
      let isDue = checkpoints.schedule.isDue(afterUpdates: updates, now: 0)
      checkpoints.isPending = checkpoints.isPending || isDue
    } else if try crew.isCheckpointAsked() {
      checkpoints.isPending = true
    }
  }

  /// Between two steps, with an open account. Collective.
  func writeDueCheckpoint(_ report: (TrainingEvent) -> Void) throws {
    guard let checkpoints, checkpoints.isPending, !crew.workersAreApart else { return }
    try writeCheckpoint(try accountSoFar(), report)
  }

  /// Puts down all that the run is now, with this account; the disk is waited for by the next one. Collective.
  func writeCheckpoint(_ account: RunAccount, _ report: (TrainingEvent) -> Void) throws {
    guard let checkpoints else { return }
    try compareIfDue(beforeCheckpoint: true)
    let start = crew.ledger.lap(.other)
    Fault.reach(.checkpoint)
    try settleCheckpoint(report)
    let id = try communicator.broadcast(UniqueName.make(), root: 0)
    let place = checkpoints.folder.place(updates: updates, id: id)
    checkpoints.lastPlace = place
    if crew.rank < checkpoints.writers {
      let shares = Checkpoint.shares(of: state, rank: crew.rank, of: checkpoints.writers)
      checkpoints.writer.write(
        shares + crew.ownArrays, text: crew.rank == 0 ? try text(account) : "",
        to: place,
        as: CheckpointFolder.fileName(rank: crew.rank, of: checkpoints.writers))
    }
    (checkpoints.isPending, checkpoints.last, crew.asksForCheckpoint) = (false, updates, false)
    let end = crew.ledger.lap(.checkpoint)
    checkpoints.schedule.note(stall: Double(end - start) * 1e-9, now: MonotonicClock.seconds)
  }

  /// Waits until the last one is on the disk, says if it is not, and lets older ones go. Collective.
  package func settleCheckpoint(_ report: (TrainingEvent) -> Void) throws {
    guard let checkpoints, let last = checkpoints.last else { return }
    let problems = try communicator.allGather(checkpoints.writer.finish() ?? "")
    guard crew.rank == 0 else { return }
    if let rank = problems.firstIndex(where: { !$0.isEmpty }) {
      report(.notice("the checkpoint after update \(last) is lost (rank \(rank): \(problems[rank])); training goes on"))
    } else {
      checkpoints.folder.removeOld(keep: checkpoints.settings.keep, except: checkpoints.stays)
    }
  }

  /// The account as a crew that leaves would hand it over; this one goes on. Collective.
  func accountSoFar() throws -> RunAccount {
    var account = state.account
    account.outcome = .completed
    account.epoch.sums += try communicator.total(of: crew.sums)
    if let noise = crew.noise {
      let (sums, start) = try noise.total(communicator)
      account.epoch.noise += sums
      account.startingNoise += start
    }
    account.epoch.figures.append(try crew.accountSoFar())
    account.epoch.energies.append(try crew.sharedEnergy(crew.energy.energy()))
    return account
  }

  /// The state but for its arrays, with this account.
  func text(_ account: RunAccount) throws -> String {
    var account = account
    account.startedAt = account.startedAt ?? startedAt
    let text = CheckpointText(
      configuration: configuration, checksum: data.checksum, written: Date().timeIntervalSince1970, uptime: .now,
      updates: updates,
      optimizers: state.optimizerUpdates,
      kept: state.kept.map { .init(epoch: $0.epoch, optimizers: $0.snapshot.optimizers) },
      bucketBytes: crew.exchange.bucketBytes, account: account)
    return String(decoding: try RecordFile.encoder().encode(text), as: UTF8.self)
  }

  /// Goes on from a checkpoint: before a crew is made. Collective.
  static func restore(
    _ state: RunState, from checkpoint: Checkpoint, _ experiment: Experiment, _ session: TrainingSession
  )
    throws
  {
    try session.communicator.agree {
      try checkpoint.requireSame(experiment.configuration, checksum: session.data.checksum)
      try checkpoint.restore(state)
    }
    let written = checkpoint.text.written
    // Clocks that people set may stand anywhere, and are asked only where there is nothing better: on another host, after a new start.
    let lost =
      checkpoint.text.uptime.flatMap { Uptime.now.seconds(since: $0) } ?? max(0, Date().timeIntervalSince1970 - written)
    state.account.resumptions.append(
      Resumption(
        updates: checkpoint.updates, ranks: checkpoint.ranks,
        writtenAt: Date(timeIntervalSince1970: written).ISO8601Format(),
        lostSeconds: try session.communicator.broadcast(lost, root: 0)))
  }
}

extension Crew {
  /// Whether workers have weights of their own just now, so that there is no one state.
  var workersAreApart: Bool { team?.copies?.areApart ?? false }

  /// Whether the first rank asked for a checkpoint before the step that was just made. Collective where groups of ranks exchange
  /// by themselves; else the gradients have brought the news.
  func isCheckpointAsked() throws -> Bool {
    guard team != nil, ranks > 1 else { return arena.count(of: .checkpoint) > 0 }
    // Until they come together, workers need no message, and nobody could write one.
    if workersAreApart { return false }
    return try communicator.broadcast(asksForCheckpoint ? 1 : 0, root: 0) > 0
  }
}
