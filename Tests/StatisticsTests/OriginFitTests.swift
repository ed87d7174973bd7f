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
}
