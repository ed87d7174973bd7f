import Buffers
import Foundation
import Kernels
import MessagePassing

/// All ranks make the same updates, so that weights and optimisers' state are the same on all of them. Where they are not, a
/// processor, a memory or a library is at fault, and all that follows is of no model.
extension Trainer {
  /// Updates between two comparisons, where the configuration does not say.
  static let usualComparison = 1000

  /// After an update, and before it goes into a checkpoint: once for both. Collective.
  func compareIfDue(beforeCheckpoint: Bool = false) throws {
    let every = configuration.execution.compareEverySteps ?? Self.usualComparison
    guard every > 0, comparedAfter != updates, beforeCheckpoint || updates % every == 0 else { return }
    try compareStates()
    comparedAfter = updates
  }

  /// Whether all ranks have the same bits; nothing is compared while workers have weights of their own. Collective.
  ///
  /// - Throws: `CollectiveError` on every rank, which names those that differ and where.
  package func compareStates() throws {
    guard crew.ranks > 1, !crew.workersAreApart else { return }
    let arrays = state.arrays
    guard let (index, _) = try differing(arrays.map(\.tensor)) else { return }
    let array = arrays[index]
    // What lies between arrays comes last.
    let parts = layout.parts(of: array.tensor) + [("the whole array", 0..<array.tensor.count)]
    let found = try differing(parts.map { array.tensor.slice($0.range) })
    let hosts = try communicator.allGather(ProcessInfo.processInfo.hostName)
    guard let found else { return }
    throw difference(found.sums, hosts, "\(array.name) of \(parts[found.index].name)")
  }

  /// The first of some arrays that is not the same everywhere, with each rank's sum of it. Collective.
  private func differing(_ arrays: [Tensor]) throws -> (index: Int, sums: [UInt64])? {
    let own = arrays.map { BitSum.of($0.buffer) }
    let all = try communicator.allGather(own)
    return arrays.indices.first { index in all.contains { $0[index] != all[0][index] } }.map { index in
      (index, all.map { $0[index] })
    }
  }

  /// - Parameter sums: of each rank, not all the same.
  private func difference(_ sums: [UInt64], _ hosts: [String], _ place: String) -> CollectiveError {
    let groups = Dictionary(grouping: sums.indices) { sums[$0] }.values.sorted { $0.count > $1.count }
    let isTold = groups[0].count * 2 > sums.count
    let odd = isTold ? sums.indices.filter { sums[$0] != sums[groups[0][0]] } : Array(sums.indices)
    let names = odd.map { "rank \($0) (\(hosts[$0]))" }.joined(separator: ", ")
    let who = isTold ? "\(names) has not the \(place) that most ranks have" : "\(names) have each another \(place)"
    return CollectiveError(
      rank: odd[0],
      message:
        "after update \(updates) \(who): its processor, memory or libraries are at fault, and training ends before this is "
        + "saved; leave that host out, and go on from the newest checkpoint with --resume",
      failures: sums.count, ranks: sums.count, observer: communicator.rank)
  }
}

extension ParameterLayout {
  /// The arrays that stand in an arena, as a model's file lists them; none where it is no arena of the layout.
  func parts(of tensor: Tensor) -> [(name: String, range: Range<Int>)] {
    guard tensor.count == count || tensor.count == denseCount else { return [] }
    return listedEntries.filter { $0.range.upperBound <= tensor.count }.map { ($0.parameter.name, $0.range) }
  }
}
