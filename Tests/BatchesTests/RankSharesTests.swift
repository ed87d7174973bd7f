import Batches
import Testing

@Suite struct RankSharesTests {
  @Test(arguments: [1, 2, 3, 7, 16, 100], 1...5)
  func equalSpeedsShareEvenly(count: Int, ranks: Int) {
    let counts = RankShares(of: count, seconds: Array(repeating: 0.5, count: ranks)).counts
    #expect(counts.reduce(0, +) == count && counts.max()! - counts.min()! <= 1)
  }

  @Test func theSlowestIsDoneSoonest() {
    #expect(RankShares(of: 16, seconds: [1, 2]).counts == [11, 5])
    #expect(RankShares(of: 6, seconds: [1, 1, 4]).counts == [3, 2, 1])
    #expect(RankShares(of: 4, seconds: [1, 1000]).counts == [3, 1], "whoever has nothing is never measured again")
    #expect(RankShares(of: 2, seconds: [3, 2, 1]).counts.reduce(0, +) == 2)
  }

  /// By trying all.
  @Test(arguments: [[1.0, 1.3, 2.7], [5, 1, 1], [0.2, 0.3, 0.5]], 3...12)
  func noOtherSharesAreBetter(seconds: [Double], count: Int) {
    var best = Double.infinity
    for first in 1...count - 2 {
      for second in 1..<count - first {
        best = min(best, RankShares(counts: [first, second, count - first - second]).seconds(by: seconds))
      }
    }
    #expect(RankShares(of: count, seconds: seconds).seconds(by: seconds) == best)
  }

  @Test(arguments: [0, 1, 5, 16, 17, 40])
  func runsAreTogetherTheWhole(count: Int) {
    let shares = RankShares(counts: [11, 0, 5])
    let runs = (0..<3).map { shares.share(of: count, rank: $0) }
    #expect(runs.flatMap { Array($0) } == Array(0..<count))
    if count == 16 { #expect(runs.map(\.count) == [11, 0, 5]) }
  }

  @Test func aStepIsReadAsItIsShared() throws {
    let plan = try BatchPlan(samples: 64, globalBatch: 32, microBatch: 4)
    var division = StepDivision(rank: 1, ranks: 2)
    #expect(division.whole(plan.step(0)).microbatches == 4..<8)
    division.balance = RankShares(counts: [6, 2])
    #expect(division.whole(plan.step(0)).microbatches == 6..<8)
    var sequence = StepSequence(plan, steps: 0..<2, division)
    #expect(sequence.next()?.microbatches == 6..<8)
    #expect(sequence.next() == division.whole(plan.step(1)))
  }
}
