/// Ranks that are timed together.
package struct RankGroup: Equatable {
  /// Numbers in the job, in rising order.
  package let members: [Int]
  /// That they are on.
  package let nodes: Int

  package init(members: [Int], nodes: Int) {
    self.members = members
    self.nodes = nodes
  }

  /// All groups that a job can tell apart: of ranks of one node, of one rank on each node, of all ranks of some nodes.
  ///
  /// - Parameter nodes: of each rank of the job, as numbers from 0.
  package static func all(nodes: [Int]) -> [RankGroup] {
    let byNode = Dictionary(grouping: nodes.indices, by: { nodes[$0] }).values.sorted { $0[0] < $1[0] }
    guard let fullest = byNode.max(by: { $0.count < $1.count }) else { return [] }
    let within = counts(upTo: fullest.count).map { RankGroup(members: Array(fullest[..<$0]), nodes: 1) }
    let some = counts(upTo: byNode.count)
    let between = some.map { count in RankGroup(members: byNode[..<count].map { $0[0] }, nodes: count) }
    let both = some.map { count in RankGroup(members: byNode[..<count].flatMap { $0 }.sorted(), nodes: count) }
    return within + between + both.filter { $0.members.count > $0.nodes }
  }

  /// 2, 3, 4, then powers of two, and the most there can be.
  private static func counts(upTo most: Int) -> [Int] {
    let usual = [2, 3] + (2..<Int.bitWidth - 1).map { 1 << $0 }
    return most < 2 ? [] : usual.filter { $0 < most } + [most]
  }
}
