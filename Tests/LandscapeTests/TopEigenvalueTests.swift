import Foundation
import Landscape
import Testing

@Suite struct TopEigenvalueTests {
  private func measure(_ function: any DifferentiableFunction, at x: [Double], iterations: Int = 200) throws
    -> TopEigenvalue
  {
    let question = SharpnessQuestion(epsilons: [], subspace: 0, rho: 0, hessianIterations: iterations)
    return try #require(try SharpnessFigures.measure(function, at: x, question).topEigenvalue)
  }

  /// The second is the largest, though another is larger in magnitude.
  @Test(arguments: [[3, 1, 0.5, 0.1], [5, -9, 1, 0], [-1, -2, -4, -8]]) func isTheLargest(_ curvatures: [Double]) throws
  {
    let found = try measure(DiagonalQuadratic(curvatures), at: [1, 2, 3, 4])
    let expected = curvatures.max()!
    #expect(abs(try #require(found.value) - expected) < 1e-2 * abs(expected), "\(found), not \(expected)")
    #expect(try #require(found.residual) < 0.2)
  }

  /// A matrix that is not diagonal: 2 + √2 is the largest of [[2, 1, 0], [1, 2, 1], [0, 1, 2]].
  @Test func ofACoupledQuadratic() throws {
    let function = Written(3) { x, gradient in
      gradient = [2 * x[0] + x[1], x[0] + 2 * x[1] + x[2], x[1] + 2 * x[2]]
      return 0.5 * zip(x, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let found = try measure(function, at: [0.3, 0.1, 0.2])
    #expect(abs(try #require(found.value) - (2 + 2.0.squareRoot())) < 1e-2)
  }

  @Test func aLineHasNoCurvature() throws {
    let found = try measure(
      Written(2) { x, gradient in
        gradient = [1, 2]
        return x[0] + 2 * x[1]
      }, at: [1, 1])
    #expect(found.value == 0 && found.residual == nil && found.iterations == 1)
  }

  @Test func itsLimitIsKeptAndSaid() throws {
    let found = try measure(DiagonalQuadratic([1, 0.999, 0.998]), at: [1, 1, 1], iterations: 1)
    #expect(found.iterations == 1 && found.residual != nil)
    let broken = try measure(
      Written(1) { _, gradient in
        gradient[0] = .nan
        return 1
      }, at: [1])
    #expect(broken.value == nil && broken.residual == nil && broken.iterations == 1)
  }
}
