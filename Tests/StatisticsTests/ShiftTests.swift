import Buffers
import Foundation
import Statistics
import Testing

/// Intervals of shifts by ranks, and spreads over repetitions of several things.
@Suite("Shifts") struct ShiftTests {
  /// Normal draws of a stream of their own.
  static func draws(_ stream: UInt64, _ count: Int, deviation: Float = 1) -> [Double] {
    (0..<count).map { index in
      let words = Philox(stream, 0x5368_6966_74).block(UInt64(index), 0)
      return Double(Philox.normals(words.x, words.y, deviation: deviation).0)
    }
  }

  /// All shifts, in steps, that the test does not refuse.
  private func kept(_ first: [Double], _ second: [Double], level: Double) -> (Double, Double) {
    let steps = stride(from: -6.0, through: 6, by: 0.005).filter { shift in
      (RankTest.mannWhitney(first, second.map { $0 - shift })?.pValue ?? 0) > 1 - level
    }
    return (steps.first ?? .nan, steps.last ?? .nan)
  }

  @Test("The shifts that Mann and Whitney's test does not refuse", arguments: [(4, 4), (5, 9), (12, 7)])
  func inverted(counts: (Int, Int)) throws {
    let first = Self.draws(1, counts.0)
    let second = Self.draws(2, counts.1).map { $0 + 1 }
    for level in [0.8, 0.95] {
      let found = try #require(RankTest.shiftInterval(from: first, to: second, level: level))
      let expected = kept(first, second, level: level)
      #expect(abs(found.lower - expected.0) <= 0.006 && abs(found.upper - expected.1) <= 0.006, "\(found) \(expected)")
    }
  }

  @Test("Its ends are differences of pairs, for few values and for many", arguments: [6, 40])
  func ends(count: Int) throws {
    let (first, second) = (Self.draws(3, count), Self.draws(4, count + 3))
    let found = try #require(RankTest.shiftInterval(from: first, to: second))
    let differences = first.flatMap { a in second.map { $0 - a } }.sorted()
    let below = try #require(differences.firstIndex(of: found.lower))
    let above = try #require(differences.lastIndex(of: found.upper))
    #expect(below == differences.count - 1 - above)
    #expect(below > 0 && found.lower < found.upper)
  }

  @Test("Too few values have none, nor have values that are no numbers")
  func none() {
    #expect(RankTest.shiftInterval(from: [1, 2, 3], to: [4, 5, 6, 7]) == nil)
    #expect(RankTest.shiftInterval(from: [1, 2, 3, 4], to: [4, 5, 6, 7]) != nil)
    #expect(RankTest.shiftInterval(from: [], to: [1]) == nil)
    for bad in [Double.nan, .infinity] {
      #expect(RankTest.shiftInterval(from: [1, 2, 3, bad], to: [4, 5, 6, 7]) == nil)
    }
    #expect(RankTest.shiftInterval(from: [1e308, 1e308, 1e308, 1e308], to: [-1e308, 1, 2, 3]) != nil)
    #expect(RankTest.shiftInterval(from: [2, 2, 2, 2], to: [2, 2, 2, 2])?.contains(0) == true)
  }

  @Test("It holds the true shift as often as it says", arguments: [(6, 6), (10, 20), (30, 40)])
  func coverage(counts: (Int, Int)) {
    let held = (0..<400).filter { round in
      let first = Self.draws(UInt64(1000 + 2 * round), counts.0).map { exp($0) }
      let second = Self.draws(UInt64(1001 + 2 * round), counts.1).map { exp($0) + 0.5 }
      return RankTest.shiftInterval(from: first, to: second)?.contains(0.5) == true
    }.count
    // 95 % of 400, with three standard deviations of room downwards; exact intervals of few values hold more.
    #expect(held >= 367 && held < 400, "\(held) of 400")
  }

  @Test("One deviation of several things, each repeated a few times")
  func pooled() throws {
    // Squares around 2, 15 and 7: 2, 50, 0; degrees 2, 1, 0.
    let spread = try #require(PooledSpread([[1, 2, 3], [10, 20], [7], []]))
    #expect(spread.degrees == 3 && abs(spread.deviation - (52.0 / 3).squareRoot()) < 1e-12)
    #expect(PooledSpread([[1], [2]]) == nil && PooledSpread([]) == nil)
    // Student's 97.5 % quantile of 3 degrees is 3.1824.
    let interval = spread.interval(ofDifference: 1, 2, 2)
    #expect(
      abs(interval.upper - 1 - 3.182446 * spread.deviation) < 1e-4 && abs(interval.lower + interval.upper - 2) < 1e-9)
  }
}
