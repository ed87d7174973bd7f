import Statistics
import Testing

@Suite("Lines over ranges")
struct PiecewiseFitTests {
  private let sizes = (3...26).map { Double(1 << $0) }

  @Test("Three ranges are found where they are, with their lines")
  func threeRanges() throws {
    let fit = try #require(PiecewiseFit(x: sizes, y: sizes.map(Self.threeLines)))
    #expect(fit.pieces.count == 3)
    #expect(fit.pieces.map(\.from) == [0, 4096 * 2.0.squareRoot(), 262144 * 2.0.squareRoot()])
    #expect([0, 4096, 8192, 1e9].map(fit.place) == [0, 0, 1, 2] && fit.piece(at: 8192) == fit.pieces[1])
    for (piece, line) in zip(fit.pieces, [(1e-5, 1e-9), (3e-5, 4e-9), (0, 2e-9)]) {
      #expect(abs(piece.intercept - line.0) < 1e-7 && abs(piece.slope / line.1 - 1) < 1e-3)
    }
  }

  private static func threeLines(_ x: Double) -> Double {
    x <= 4096 ? 1e-5 + 1e-9 * x : x <= 262144 ? 3e-5 + 4e-9 * x : 2e-9 * x
  }

  @Test("One line with errors of a tenth stays one")
  func noise() throws {
    let factors = [1.1, 0.93, 1.0, 0.9, 1.06, 0.97]
    let y = sizes.indices.map { (1e-4 + 1e-9 * sizes[$0]) * factors[$0 % factors.count] }
    let fit = try #require(PiecewiseFit(x: sizes, y: y))
    #expect(fit.pieces.count == 1)
    #expect(abs(fit.pieces[0].intercept / 1e-4 - 1) < 0.1)
    #expect(abs(fit.pieces[0].slope / 1e-9 - 1) < 0.1)
  }

  @Test("Lines do not go below 0, where least squares would")
  func notNegative() throws {
    let falling = try #require(PiecewiseFit(x: [1, 2, 3], y: [3, 2, 1.5]))
    #expect(falling.pieces[0].slope == 0)
    let steep = try #require(PiecewiseFit(x: [1, 2, 3], y: [1, 3, 6]))
    #expect(steep.pieces[0].intercept == 0)
  }

  @Test func isTheLineBetweenAndBeyondItsPoints() throws {
    let fit = try #require(PiecewiseFit(x: [1, 2, 4, 8], y: [3, 4, 6, 10]))
    #expect(abs(fit(3) - 5) < 1e-9 && abs(fit(16) - 18) < 1e-9 && abs(fit(0.5) - 2.5) < 1e-9)
  }

  @Test(arguments: [
    ([1, 2], [1, 2]), ([1, 2, 2], [1, 2, 3]), ([0, 1, 2], [1, 2, 3]), ([1, 2, 3], [1, 0, 3]),
    ([1, 2, 3], [1, .infinity, 3]),
  ])
  func noFit(_ x: [Double], _ y: [Double]) {
    #expect(PiecewiseFit(x: x, y: y) == nil)
  }
}
