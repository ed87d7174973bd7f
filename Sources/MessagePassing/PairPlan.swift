/// Which ranks try whether their hosts reach each other, before anything depends on it. What decides is the pair of hosts: one
/// rank of each tries for all, another one for each pair where there are others.
package struct PairPlan: Equatable, Sendable {
  /// Up to so many hosts every pair is tried. More of them would open thousands of connections that a run never uses: then
  /// those at distances of 1, 2, 4 … in rank order, which rings and trees of collective calls use.
  package static let mostHosts = 64

  /// The ranks that each rank tries, in their order.
  package let partners: [[Int]]

  /// - Parameter hosts: of each rank, any numbers. Pairs with the first rank's host are left out: all have talked to it.
  package init(hosts: [Int]) {
    let ranks = Dictionary(grouping: hosts.indices, by: { hosts[$0] })
    var seen = Set<Int>()
    let order = hosts.filter { seen.insert($0).inserted }
    var partners = hosts.map { _ in [Int]() }
    for a in order.indices.dropFirst() {
      for b in order.indices.dropFirst(a + 1) where Self.isTried(a, b, of: order.count) {
        let (here, there) = (ranks[order[a]]!, ranks[order[b]]!)
        let (one, other) = (here[b % here.count], there[a % there.count])
        partners[one].append(other)
        partners[other].append(one)
      }
    }
    self.partners = partners.map { $0.sorted() }
  }

  private static func isTried(_ a: Int, _ b: Int, of hosts: Int) -> Bool {
    guard hosts > mostHosts else { return true }
    let distance = b - a
    return [distance, hosts - distance].contains { $0 & ($0 - 1) == 0 }
  }
}
