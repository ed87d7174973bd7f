import Foundation
import Statistics
import Testing

@Suite("Fits")
struct FitTests {
  @Test("An exact line comes back exactly")
  func exactLine() throws {
    let fit = try #require(LinearFit(x: [64, 256, 1024], y: [1.64, 3.56, 11.24]))
    #expect(abs(fit.intercept - 1) < 1e-12)
    #expect(abs(fit.slope - 0.01) < 1e-14)
    #expect(abs(fit.rSquared - 1) < 1e-12)
    #expect(abs(try #require(fit.slopeError)) < 1e-9)
    #expect(abs(fit(100) - 2) < 1e-12)
  }

  // Anscombe 1973, "Graphs in statistical analysis", his first set: y = 3.00 + 0.500x, R² 0.667, and standard errors
  // 1.125 and 0.118.
  @Test("A noisy line has the published slope, intercept, R² and standard errors")
  func noisyLine() throws {
    let x: [Double] = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    let fit = try #require(LinearFit(x: x, y: y))
    #expect(abs(fit.intercept - 3.0001) < 1e-4)
    #expect(abs(fit.slope - 0.5001) < 1e-4)
    #expect(abs(fit.rSquared - 0.6665) < 1e-4)
    #expect(abs(try #require(fit.interceptError) - 1.1247) < 1e-4)
    #expect(abs(try #require(fit.slopeError) - 0.1179) < 1e-4)
  }

  @Test("Two points make a line without an error; one point, one x, or an infinity make none")
  func tooLittle() throws {
    let two = try #require(LinearFit(x: [1, 2], y: [1, 3]))
    #expect(two.slope == 2)
    #expect(two.slopeError == nil && two.interceptError == nil)
    #expect(LinearFit(x: [1], y: [1]) == nil)
    #expect(LinearFit(x: [2, 2], y: [1, 3]) == nil)
    #expect(LinearFit(x: [1, 2], y: [1, .infinity]) == nil)
  }

  @Test("A power law comes back exactly, and zero has no logarithm")
  func power() throws {
    let x: [Double] = [1, 4, 9, 16]
    let fit = try #require(PowerFit(x: x, y: x.map { 3 * $0.squareRoot() }))
    #expect(abs(fit.factor - 3) < 1e-12)
    #expect(abs(fit.exponent - 0.5) < 1e-12)
    #expect(abs(fit.rSquared - 1) < 1e-12)
    #expect(PowerFit(x: [1, 2], y: [0, 1]) == nil)
  }

  @Test("A line explains a constant and a power law a line less well than themselves")
  func comparison() throws {
    let x: [Double] = [64, 256, 1024, 4096]
    let y = x.map { 1 + 0.01 * $0 }
    let line = try #require(LinearFit(x: x, y: y))
    let power = try #require(PowerFit(x: x, y: y))
    #expect(line.rSquared > power.rSquared)
    #expect(try #require(LinearFit(x: x, y: [2, 2, 2, 2])).rSquared == 1)
  }

  @Test("Estimates use n − 1, and a single value has no spread")
  func estimate() throws {
    let three = try #require(Estimate([2, 4, 6]))
    #expect(three == Estimate([6, 4, 2]))
    #expect(three.mean == 4 && three.standardDeviation == 2 && three.count == 3)
    let one = try #require(Estimate([5]))
    #expect(one.mean == 5 && one.standardDeviation == nil && one.count == 1)
    #expect(Estimate([]) == nil)
  }

  @Test("By relative squares the small figures decide the intercept, whatever the large ones do")
  func relative() throws {
    let x: [Double] = [1, 10, 100, 10_000]
    let exact = try #require(LinearFit.relative(x: x, y: x.map { 5 + 0.1 * $0 }))
    #expect(abs(exact.intercept - 5) < 1e-9 && abs(exact.slope - 0.1) < 1e-12 && abs(exact.rSquared - 1) < 1e-12)
    var y = x.map { 5 + 0.1 * $0 }
    y[3] *= 1.02
    let noisy = try #require(LinearFit.relative(x: x, y: y))
    let plain = try #require(LinearFit(x: x, y: y))
    #expect(abs(noisy.intercept - 5) < abs(plain.intercept - 5))
    #expect(abs(noisy.intercept - 5) < 0.05)
    #expect(LinearFit.relative(x: [1, 2], y: [0, 1]) == nil)
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
