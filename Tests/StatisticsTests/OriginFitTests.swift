import Statistics
import Testing

@Suite("Fits through the origin")
struct OriginFitTests {
  @Test("Coefficients that are not negative: both, the better alone, or the second where they cannot be told apart")
  func nonNegative() throws {
    let both = try #require(OriginFit.nonNegative([1, 2, 1], [1, 1, 3], y: [5, 7, 11]))
    #expect(abs(both.first - 2) < 1e-12 && abs(both.second - 3) < 1e-12)
    // 3u − v: alone, u is the better.
    let one = try #require(OriginFit.nonNegative([1, 2, 3], [1, 1, 1], y: [2, 5, 8]))
    #expect(abs(one.first - 36.0 / 14) < 1e-12 && one.second == 0)
    let alike = try #require(OriginFit.nonNegative([1, 2, 3], [0.1, 0.2, 0.3], y: [1, 2.1, 2.9]))
    #expect(alike.first == 0 && alike.second > 9)
    #expect(OriginFit.nonNegative([0, 0], [0, 0], y: [1, 2]) == nil)
    #expect(OriginFit.nonNegative([1, 2], [1, 3], y: [.nan, 1]) == nil)
    let none = try #require(OriginFit.nonNegative([1, 2], [1, 3], y: [-1, -2]))
    #expect(none.first == 0 && none.second == 0)
  }

  @Test("A line's own error is least amid its points, and is the intercept's at 0")
  func lineError() throws {
    let fit = try #require(LinearFit(x: [1, 2, 3, 4], y: [1, 2.2, 2.9, 4.1]))
    #expect(abs(try #require(fit.standardError(at: 0)) - fit.interceptError!) < 1e-12)
    let (middle, end, beyond) = (fit.standardError(at: 2.5)!, fit.standardError(at: 4)!, fit.standardError(at: 40)!)
    #expect(middle < end && end < beyond)
    // √(s²(1/4 + 1.5²/5)) beside √(s²/4).
    #expect(abs(end / middle - (0.7 / 0.25).squareRoot()) < 1e-9)
    #expect(LinearFit(x: [1, 2], y: [1, 2])?.standardError(at: 1) == nil)
  }
}
