/// How ranks of different speed share the microbatches of a step: each has a contiguous run of them.
public struct RankShares: Equatable, Sendable {
  /// Where each rank's run of `total` microbatches begins, and where the last one's ends.
  private let bounds: [Int]

  /// The number of microbatches of each rank.
  public let counts: [Int]

  /// - Parameter counts: microbatches of each rank, in a step that has all of them; at least one of all.
  public init(counts: [Int]) {
    precondition(counts.allSatisfy { $0 >= 0 } && counts.contains { $0 > 0 }, "microbatches of ranks: \(counts)")
    self.counts = counts
    bounds = counts.reduce(into: [0]) { $0.append($0.last! + $1) }
  }

  /// Those by which the slowest rank is done soonest. Each has one at least, where there are as many.
  ///
  /// - Parameters:
  ///   - count: microbatches of a step.
  ///   - seconds: of each rank for a microbatch; above 0.
  public init(of count: Int, seconds: [Double]) {
    var counts = seconds.map { _ in count >= seconds.count ? 1 : 0 }
    // Each of the rest goes where it is done soonest: for equal pieces of work nothing is better.
    for _ in 0..<max(count - counts.reduce(0, +), 0) {
      let next = seconds.indices.min { Double(counts[$0] + 1) * seconds[$0] < Double(counts[$1] + 1) * seconds[$1] }!
      counts[next] += 1
    }
    self.init(counts: counts)
  }

  /// A rank's run of `0..<count`: in a step with fewer or more of them than the counts, in proportion.
  public func share(of count: Int, rank: Int) -> Range<Int> {
    let total = bounds.last!
    return count * bounds[rank] / total..<count * bounds[rank + 1] / total
  }

  /// Of the rank that needs most.
  ///
  /// - Parameter seconds: of each rank for a microbatch.
  public func seconds(by seconds: [Double]) -> Double { zip(counts, seconds).map { Double($0) * $1 }.max()! }
}
