import Foundation
import Layers
import Measurement
import MessagePassing
import Watch

/// Ranks that die are outlived, where MPI lets the others go on (`Communicator.maySurvive`): these leave the dead out, agree on the
/// last completed update, share out all microbatches anew, and make the update again that was under way.
extension Trainer {
  /// For the user; nil where a rank that dies takes the job with it, as usual.
  var survivalNotice: String? {
    guard survives else { return nil }
    return
      "where ranks die, the others go on\(configuration.execution.summation == .reproducible ? ", to the same bits" : "")"
  }

  /// Whether this run can go on without a rank. Workers that go by themselves have weights which nobody else has.
  var survives: Bool { communicator.maySurvive && configuration.workers?.combine != .average }

  /// Does work of all ranks until it is done on all that are left, again from the last update on where some die meanwhile.
  ///
  /// - Parameter body: may be called again: it begins where the state is.
  public func surviving<Result>(_ report: (TrainingEvent) -> Void, _ body: () throws -> Result) throws -> Result {
    guard survives else { return try body() }
    Survival.isInForce = true
    defer { Survival.isInForce = false }
    let own = Member(number: number, host: ProcessInfo.processInfo.hostName)
    var members: [Member]?
    var noticed: Double?
    var failure: (any Error)?
    while true {
      let outcome = Swift.Result {
        if noticed != nil { try communicator.leaveOutLost() }
        let present = try everyone(own)
        if let began = noticed {
          let lost = (members ?? present).filter { !present.contains($0) }
          guard !lost.isEmpty else { throw NobodyDied(failure) }
          try goOn(without: lost, since: began, report)
        }
        (members, noticed) = (present, nil)
        return try body()
      }
      failure = nil
      if case .failure(let error) = outcome {
        guard error is MPIError else { throw error }
        failure = error
      }
      let (isDone, isWhole) = communicator.settle(isDone: failure == nil)
      if isDone, isWhole { return try outcome.get() }
      noticed = noticed ?? MonotonicClock.seconds
      crew.ledger.lap(.other)
    }
  }

  /// MPI failed for another reason.
  private struct NobodyDied: Error, CustomStringConvertible {
    let description: String

    init(_ failure: (any Error)?) {
      description = failure.map { "\($0)" } ?? "a call of MPI failed on another rank, though no rank died"
    }
  }

  private struct Member: Equatable {
    /// When the job began.
    let number: Int
    let host: String
  }

  /// In rank order. Collective.
  private func everyone(_ own: Member) throws -> [Member] {
    let hosts = try communicator.allGather(own.host)
    return zip(try communicator.allGather(own.number), hosts).map { Member(number: $0, host: $1) }
  }

  /// Collective on those who are left.
  ///
  /// - Parameter began: when this rank noticed.
  private func goOn(without lost: [Member], since began: Double, _ report: (TrainingEvent) -> Void) throws {
    crew.ascent?.goBack(state.weights)
    let leftOver = try leftOver()
    let text = try bringTogether()
    crew = try crewOfSurvivors(bucketBytes: text.bucketBytes)
    // What each remembers besides of where it was, others may not.
    (comparedAfter, accountToResume) = (nil, nil)
    checkpoints?.beginAnew(ranks: crew.ranks)
    let seconds = try communicator.allReduce(MonotonicClock.seconds - began, .maximum)
    state.account.epoch.sums += leftOver.sums
    state.account.epoch.figures.append(leftOver.figures)
    state.account.epoch.energies.append(leftOver.energy)
    let loss = RankLoss(
      updates: updates, ranks: lost.map(\.number), hosts: lost.map(\.host), left: crew.ranks, seconds: seconds)
    state.account.losses.append(loss)
    if crew.rank == 0 { report(.notice(loss.words)) }
  }

  /// What the survivors of a crew have in its account. Who waited for whom is not known any more: all of it counts as wire.
  private func leftOver() throws -> (sums: LossSums, figures: [[Double]], energy: Energy?) {
    (
      try communicator.total(of: crew.sums), try communicator.allGather(crew.ledger.figures),
      try crew.sharedEnergy(crew.energy.energy())
    )
  }

  /// All take over the state of one that got farthest: an update may have reached some and not others.
  ///
  /// - Returns: that one's.
  private func bringTogether() throws -> CheckpointText {
    let own = [updates, state.account.epochs.count, state.account.keptEpoch ?? 0]
    let reached = try communicator.allGather(own)
    let source = reached.indices.max { reached[$0].lexicographicallyPrecedes(reached[$1]) }!
    let isSource = communicator.rank == source
    let text = try CheckpointText(
      try communicator.broadcast(isSource ? try self.text(state.account) : "", root: source), source: "rank \(source)")
    state.takeOver(text, keptEpoch: reached[source][2] == 0 ? nil : reached[source][2])
    guard reached.contains(where: { $0 != reached[source] }) else { return text }
    for (_, tensor) in Checkpoint.shares(of: state, rank: 0, of: 1) {
      try communicator.broadcast(tensor.buffer.mutableSpan, root: source)
    }
    return text
  }

  private func crewOfSurvivors(bucketBytes: Int) throws -> Crew {
    let next = try Crew(experiment, state, try session.ofSurvivors())
    next.crowding.isSaid = crew.crowding.isSaid
    next.exchange.cut(bucketBytes: bucketBytes)
    // Some may have been in the midst of choosing.
    let overlap = try communicator.broadcast(crew.exchange.overlap.rawValue, root: 0)
    next.exchange.overlap = .init(rawValue: overlap) ?? next.exchange.overlap
    return next
  }
}
