import Batches
import Measurement
import MessagePassing
import Statistics

/// How fast this rank was in the steps since ranks last compared, so that faster ones get more microbatches.
package struct ShareBalance {
  /// Between two comparisons.
  private static let steps = 16
  /// What other shares must save of the slowest rank's time: less is chance, and who changes shares reads its next samples anew.
  private static let leastGain = 0.05

  /// For a microbatch, step by step.
  private var seconds: [Double] = []
  private var noted = 0
  private var isWarm = false

  init() { seconds.reserveCapacity(Self.steps) }

  /// - Parameter microbatches: that this rank computed in it.
  mutating func note(_ step: StepSeconds, microbatches: Int) {
    defer { isWarm = true }
    // The first step prepares what later ones reuse.
    guard isWarm else { return }
    noted += 1
    guard microbatches > 0 else { return }
    let busy = Double(step[.load] + step[.forward] + step[.backward])
    seconds.append(busy / Double(microbatches))
  }

  /// On all ranks after the same step.
  var isDue: Bool { noted >= Self.steps }

  /// The shares from now on. Collective; the same on every rank.
  ///
  /// - Parameters:
  ///   - present: nil for even ones.
  ///   - count: microbatches of a step.
  /// - Returns: nil where the present ones are as good.
  mutating func compare(_ communicator: Communicator, _ present: RankShares?, of count: Int) throws -> RankShares? {
    let all = try communicator.allGather(seconds.median ?? 0)
    seconds.removeAll(keepingCapacity: true)
    noted = 0
    return Self.better(than: present, of: count, seconds: all)
  }

  /// - Parameter seconds: 0 of ranks without a microbatch: nothing is known of these.
  package static func better(than present: RankShares?, of count: Int, seconds: [Double]) -> RankShares? {
    guard count > seconds.count, seconds.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let even = RankShares(counts: seconds.map { _ in 1 })
    let now = RankShares(counts: seconds.indices.map { (present ?? even).share(of: count, rank: $0).count })
    let next = RankShares(of: count, seconds: seconds)
    return next.seconds(by: seconds) < (1 - leastGain) * now.seconds(by: seconds) ? next : nil
  }
}

extension Crew {
  /// After a step: shares ranks' work anew where they differ in speed. Collective where it is due.
  ///
  /// - Parameters:
  ///   - step: that was just made.
  ///   - coming: steps still to be read.
  /// - Returns: the new shares; nil where they stay.
  func rebalance(after step: StepPlan, coming: Range<Int>) throws -> RankShares? {
    guard balance?.isDue == true,
      let shares = try balance!.compare(communicator, division.balance, of: step.microbatchCount)
    else { return nil }
    division.balance = shares
    try readAhead(steps: coming)
    return shares
  }
}

extension RankShares {
  /// For the user.
  var notice: String {
    let most = 8
    let words = counts.prefix(most).enumerated().map { "rank \($0) \($1)" }.joined(separator: ", ")
    return "ranks differ in speed: of \(counts.reduce(0, +)) microbatches of a step "
      + words + (counts.count > most ? " …" : "") + " (execution.balance)"
  }
}
