import Buffers
import Foundation
import Statistics
import Testing

@Suite("Means held against bounds") struct BoundsTests {
  private let differences = [0.012, 0.008, 0.015, 0.011, 0.009]

  private func chance(atLeast: Double? = nil, atMost: Double? = nil) throws -> Double {
    let test = BoundsTest(differences, Bounds(atLeast: atLeast, atMost: atMost), nothing: 0)
    return try #require(test?.pValue)
  }

  @Test("Interval and one-sided p are SciPy's (1.17.1, ttest_1samp)")
  func differencesBesideSciPy() throws {
    let test = try #require(BoundsTest(differences, Bounds(atLeast: 0.005, atMost: nil), nothing: 0))
    let interval = try #require(test.interval)
    #expect(abs(test.mean - 0.011) < 1e-15 && test.count == 5 && test.inside == 5)
    #expect(abs(interval.lower - 0.007_599_563_096_708_721) < 1e-12)
    #expect(abs(interval.upper - 0.014_400_436_903_291_278) < 1e-12)
    #expect(abs(try chance(atLeast: 0.005) - 0.004_024_946_550_418_859_5) < 1e-9)
    #expect(abs(try chance(atLeast: 0) - 0.000_425_272_257_857_207_9) < 1e-9)
    #expect(abs(try chance(atMost: 0.014) - 0.035_241_998_455_109_926) < 1e-9)
    // Of two bounds the larger.
    #expect(abs(try chance(atLeast: 0, atMost: 0.014) - 0.035_241_998_455_109_926) < 1e-9)
    #expect(abs(try chance(atLeast: 0.010) - 0.230_025_376_421_980_6) < 1e-9)
  }

  @Test("Ratios are tested by their logarithms")
  func ratios() throws {
    let test = try #require(BoundsTest(ratios: [1.4, 1.1, 1.25, 1.6], Bounds(atLeast: 1.05, atMost: nil)))
    #expect(abs(test.mean - 1.324_761_441_723_914_6) < 1e-12)
    let interval = try #require(test.interval)
    #expect(abs(interval.lower - 1.027_288_64) < 1e-7 && abs(interval.upper - 1.708_373_69) < 1e-7)
    #expect(abs(try #require(test.pValue) - 0.031_028_558_916_956_963) < 1e-9)
    #expect(test.verdict == .undecided && test.inside == 4)
    #expect(BoundsTest(ratios: [1, 0], Bounds(atLeast: 1, atMost: nil)) == nil)
  }

  @Test("A share of a gap is Fieller's")
  func shares() throws {
    let (parts, wholes) = ([0.011, 0.014, 0.009, 0.016, 0.012], [0.020, 0.017, 0.015, 0.021, 0.018])
    let test = try #require(BoundsTest(parts: parts, of: wholes, Bounds(atLeast: 0.5, atMost: nil)))
    let interval = try #require(test.interval)
    #expect(abs(test.mean - 0.681_318_681_318_681_2) < 1e-12)
    #expect(abs(interval.lower - 0.536_803_917_333_221_1) < 1e-9)
    #expect(abs(interval.upper - 0.823_285_188_114_665_4) < 1e-9)
    #expect(abs(try #require(test.pValue) - 0.013_028_716_661_492_32) < 1e-9 && test.verdict == .shown)
    // The same share of a gap the other way round.
    let turned = try #require(
      BoundsTest(parts: parts.map { -$0 }, of: wholes.map { -$0 }, Bounds(atLeast: 0.5, atMost: nil)))
    #expect(turned == test)
    // A bound at the interval's end is met in a fortieth of cases.
    let edge = BoundsTest(parts: parts, of: wholes, Bounds(atLeast: interval.lower, atMost: nil))
    #expect(abs(try #require(edge?.pValue) - 0.025) < 1e-6)
  }

  @Test("A gap that is not told from 0 has no share")
  func noGap() throws {
    let test = try #require(
      BoundsTest(parts: [0.1, 0.2, 0.1], of: [0.3, -0.2, 0.1], Bounds(atLeast: 0.5, atMost: nil)))
    #expect(test.interval == nil && test.pValue == nil && test.verdict == .undecided)
  }

  @Test(
    "Four words for where an interval lies",
    arguments: [
      (0.6, 0.9, 0.5, nil, Bounds.Verdict.shown), (0.5, 0.9, 0.5, nil, .shown), (0.4, 0.9, 0.5, nil, .undecided),
      (0.1, 0.4, 0.5, nil, .notShown), (-0.1, 0.4, 0.5, nil, .notShown), (-0.4, -0.1, 0.5, nil, .opposite),
      (-0.9, -0.6, nil, -0.5, .shown), (0.1, 0.2, nil, -0.5, .opposite), (-0.4, -0.1, nil, -0.5, .notShown),
      (-0.4, 0.4, -0.5, 0.5, .shown), (-0.6, 0.4, -0.5, 0.5, .undecided), (0.6, 0.8, -0.5, 0.5, .notShown),
      (-0.8, -0.6, -0.5, 0.5, .notShown), (-0.2, -0.1, 0, nil, .opposite), (-1, 1, nil, nil, .shown),
      (0.7, .infinity, 0.5, nil, .shown), (0.7, .infinity, nil, 0.5, .notShown),
    ] as [(Double, Double, Double?, Double?, Bounds.Verdict)])
  func words(lower: Double, upper: Double, atLeast: Double?, atMost: Double?, expected: Bounds.Verdict) {
    let interval = Interval(lower: lower, upper: upper, level: 0.95)
    let bounds = Bounds(atLeast: atLeast, atMost: atMost)
    #expect(bounds.verdict(interval, nothing: 0) == expected)
    #expect(bounds.verdict(nil, nothing: 0) == .undecided)
    // Where there is no such thing as no effect, nothing is its opposite.
    #expect(bounds.verdict(interval, nothing: nil) == (expected == .opposite ? .notShown : expected))
  }

  @Test("One repetition decides nothing, equal ones decide all, and no numbers are no test")
  func few() throws {
    let bounds = Bounds(atLeast: 0.5, atMost: nil)
    let one = try #require(BoundsTest([0.9], bounds, nothing: 0))
    #expect(one.verdict == .undecided && one.interval == nil && one.pValue == nil && one.inside == 1)
    let equal = try #require(BoundsTest([0.5, 0.5, 0.5], bounds, nothing: 0))
    #expect(equal.verdict == .shown && equal.pValue == 0)
    let below = try #require(BoundsTest([0.25, 0.25], bounds, nothing: 0))
    #expect(below.verdict == .notShown && below.pValue == 1)
    #expect(BoundsTest([], bounds, nothing: 0) == nil && BoundsTest([.nan, 1], bounds, nothing: 0) == nil)
    for value in [1e308, -1e308, 1e-308, .greatestFiniteMagnitude] {
      _ = BoundsTest([value, -value, value], bounds, nothing: 0)
      _ = BoundsTest(ratios: [abs(value), 1], Bounds(atLeast: .nan, atMost: value))
      _ = BoundsTest(parts: [value, 1, 2], of: [1, value, 3], bounds)
    }
  }

  /// What is called shown is so in all but a fortieth of cases, also where the truth lies just beyond the bound.
  @Test("At the bound itself a fortieth is told to be shown, and 95 % of intervals hold the truth")
  func rates() throws {
    var (shown, held, shares) = (0, 0, 0)
    let rounds = 2000
    for round in 0..<rounds {
      let noise = (0..<5).map { seed in
        let words = Philox(UInt64(round), 0x77).block(UInt64(seed), 0)
        return Philox.normals(words.x, words.y, deviation: 1)
      }
      let values = noise.map { 0.5 + 0.2 * Double($0.0) }
      let test = try #require(BoundsTest(values, Bounds(atLeast: 0.5, atMost: nil), nothing: 0))
      shown += test.verdict == .shown ? 1 : 0
      held += test.interval?.contains(0.5) == true ? 1 : 0
      // Gaps of 1 ± 0.2, of which 0.6 are closed.
      let wholes = noise.map { 1 + 0.2 * Double($0.0) }
      let parts = noise.map { 0.6 * (1 + 0.2 * Double($0.0)) + 0.1 * Double($0.1) }
      shares +=
        BoundsTest(parts: parts, of: wholes, Bounds(atLeast: 0.5, atMost: nil))?.interval?.contains(0.6) == true ? 1 : 0
    }
    // Within three standard deviations of a count.
    #expect(abs(shown - rounds / 40) < 21, "\(shown)")
    #expect(abs(held - rounds * 19 / 20) < 30, "\(held)")
    #expect(abs(shares - rounds * 19 / 20) < 30, "\(shares)")
  }
}
