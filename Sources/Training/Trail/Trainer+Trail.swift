import Buffers
import Files
import Foundation
import MessagePassing

/// A trail of all ranks: see `TrailWriter`.
extension Trainer {
  /// From now on every step leaves its sums. Collective, before `run`.
  ///
  /// - Parameter folder: the run's, on the first rank.
  /// - Throws: `CollectiveError` where the run can leave none.
  public func writeTrail(in folder: String?) throws {
    try communicator.agree {
      guard configuration.workers == nil else {
        throw TrailError(
          "--trail follows one gradient and one state, and workers have each their own: leave --trail out, or workers")
      }
      let trail = RankTrail(experiment, state, crew.network, crew.arena, rows: crew.rowGradients)
      if crew.rank == 0, let folder {
        let header = TrailHeader(ranks: crew.ranks, alone: crew.arena.accumulation.isAlone, trail.shape)
        trailWriter = try TrailWriter(in: folder, header)
      }
      crew.trail = trail
    }
  }

  /// After a step. Collective.
  func noteTrail(_ outcome: StepOutcome) throws {
    guard let trail = crew.trail else { return }
    if outcome == .interrupted { trail.dropStep() } else { trail.endStep() }
    if trail.isFull { try gatherTrail() }
  }

  /// Brings what the ranks have noted to the first one, which writes it. Collective.
  package func gatherTrail() throws {
    guard let trail = crew.trail else { return }
    let mine = trail.take()
    guard crew.rank == 0 else {
      let words = mine.flatMap(\.words)
      try communicator.send(words.count, to: 0)
      return try communicator.send(words.span, to: 0)
    }
    // All are received, whatever becomes of them: nobody may wait for the first rank.
    let others = try (1..<max(crew.ranks, 1)).map { try words(from: $0) }
    var all = [mine]
    for words in others {
      var words = TrailWords(words)
      all.append(try mine.map { _ in try TrailPart(&words, trail.shape) })
    }
    for index in mine.indices { trailWriter?.write(all.map { $0[index] }) }
  }

  private func words(from rank: Int) throws -> [UInt64] {
    let count = try communicator.receive(Int.self, from: rank)
    var words = [UInt64](repeating: 0, count: count)
    try communicator.receive(into: words.mutableSpan, from: rank)
    return words
  }

  /// Puts the trail beside the run that was saved; without one, what lay there goes, which is another run's. On the first rank.
  ///
  /// - Returns: the name of the file; nil where none is written.
  /// - Throws: what went wrong on the way: the run is saved all the same.
  public func saveTrail(_ record: RunRecord, in folder: ResultFolder) throws -> String? {
    guard let trailWriter else {
      unlink("\(folder.path)/\(TrailWriter.name)")
      return nil
    }
    do { try finishTrail(trailWriter, mark: record.trailMark) } catch {
      throw TrailError("the trail is lost: \(error)")
    }
    return TrailWriter.name
  }

  private func finishTrail(_ writer: TrailWriter, mark: UInt64) throws {
    trailWriter = nil
    guard crew.trail != nil else { throw TrailError("other ranks went on with the run") }
    try writer.finish(mark: mark)
  }

  /// As `saveTrail`, of a run that is not saved.
  package func finishTrail(mark: UInt64) throws { if let trailWriter { try finishTrail(trailWriter, mark: mark) } }
}

extension RunRecord {
  /// By which a trail knows its run.
  package var trailMark: UInt64 { FNV1a.hash("\(startedAt) \(weightsSHA256)") }
}
