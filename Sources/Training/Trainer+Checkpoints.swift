import Configuration
import Files
import Foundation
import Layers
import Measurement
import Watch

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
    // What was made before is known by now.
    if crew.rank == 0 { checkpoints?.count(updates) }
    state.changes = RowChanges(state.tableOptimizer, tableRows: layout.tables.first?.parameter.shape[0])
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
    // Of what ranks move together each has seen its part.
    if state.shared != nil { try state.changes?.rows.unite(communicator) }
    let floats = state.checkpointFloats
    let place = try communicator.broadcast(
      crew.rank == 0 ? checkpoints.place(updates: updates, floats: floats) : "", root: 0)
    let changes = checkpoints.folder.full(of: place) == nil ? nil : state.changes
    checkpoints.write(
      crew.rank < checkpoints.writers ? pieces(changes, ranks: checkpoints.writers) : nil,
      text: crew.rank == 0 ? try text(account) : "", to: place, rank: crew.rank, updates: updates,
      floats: changes.flatMap { _ in floats.partial } ?? floats.full)
    if changes == nil { state.changes?.begin() }
    crew.asksForCheckpoint = false
    let end = crew.ledger.lap(.checkpoint)
    checkpoints.schedule.note(stall: Double(end - start) * 1e-9, now: MonotonicClock.seconds)
  }

  /// Of this rank's file.
  ///
  /// - Parameter changes: nil for all there is.
  private func pieces(_ changes: RowChanges?, ranks: Int) -> [CheckpointPiece] {
    let shared =
      changes.map { Checkpoint.pieces(of: state, $0, rank: crew.rank, of: ranks) }
      ?? Checkpoint.shares(of: state, rank: crew.rank, of: ranks).map(CheckpointPiece.init)
    return shared + crew.ownArrays.map(CheckpointPiece.init)
  }

  /// Waits until the last one is on the disk, says if it is not, and lets older ones go. Collective.
  package func settleCheckpoint(_ report: (TrainingEvent) -> Void) throws {
    guard let checkpoints, let last = checkpoints.last else { return }
    let problems = try communicator.allGather(checkpoints.finish())
    let lost = problems.firstIndex { !$0.isEmpty }
    if lost != nil { checkpoints.noteLost() }
    guard crew.rank == 0 else { return }
    if let rank = lost {
      report(
        .notice(
          "the checkpoint after update \(last.updates) is lost (rank \(rank): \(problems[rank])); training goes on"))
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
    let lostUpdates = try session.communicator.broadcast(
      checkpoint.updatesLost(of: experiment.totalUpdates) ?? -1, root: 0)
    state.account.resumptions.append(
      Resumption(
        updates: checkpoint.updates, ranks: checkpoint.ranks,
        writtenAt: Date(timeIntervalSince1970: written).ISO8601Format(),
        lostSeconds: try session.communicator.broadcast(lost, root: 0),
        lostUpdates: lostUpdates < 0 ? nil : lostUpdates))
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
