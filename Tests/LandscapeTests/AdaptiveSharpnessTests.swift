import Foundation
import Landscape
import Testing

@Suite struct AdaptiveSharpnessTests {
  private func measure(
    _ function: any DifferentiableFunction, at w: [Double], rho: Double, iterations: Int
  ) throws -> AdaptiveSharpness {
    let question = SharpnessQuestion(
      epsilons: [], subspace: 0, iterations: iterations, rho: rho, hessianIterations: 0)
    return try #require(try SharpnessFigures.measure(function, at: w, question).adaptive)
  }

  /// At a quadratic's minimum it is ½ ρ² max λ w²: the ball's longest way along the sharpest weight, in its own size.
  @Test func isKnownAtAQuadraticsMinimum() throws {
    let (curvatures, w) = ([1, 4, 2, 9], [3.0, -2, 0.5, 0.1])
    let function = DiagonalQuadratic(curvatures.map(Double.init), center: w)
    let found = try measure(function, at: w, rho: 0.3, iterations: 60)
    let expected = 0.5 * 0.3 * 0.3 * zip(curvatures, w).map { Double($0) * $1 * $1 }.max()!
    #expect(abs(try #require(found.growth) - expected) < 1e-6 * expected, "\(found), not \(expected)")
  }

  @Test func firstStepIsASAMs() throws {
    let w = [1.0, -2, 0, 0.5]
    let function = DiagonalQuadratic([1, 2, 3, 4], center: [0.5, 0.5, 0.5, 0.5])
    var gradient = [Double](repeating: 0, count: 4)
    let start = function.value(at: w, gradient: &gradient)
    let scaled = zip(w, gradient).map { abs($0) * $1 }
    let length = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let moved = w.indices.map { w[$0] + 0.05 * w[$0] * w[$0] * gradient[$0] / length }
    let expected = try function.value(at: moved) - start
    let found = try measure(function, at: w, rho: 0.05, iterations: 1)
    #expect(abs(try #require(found.firstStep) - expected) < 1e-12 && found.growth == found.firstStep)
  }

  /// f(x) at w and f(x ÷ d) at d w are one function, differently written.
  @Test func aRescalingChangesNothing() throws {
    let (curvatures, center, w) = ([1.0, 2, 3], [0.3, 0.1, -0.4], [1.0, -2, 0.5])
    let scales = [10.0, 0.1, 3]
    let plain = try measure(DiagonalQuadratic(curvatures, center: center), at: w, rho: 0.2, iterations: 10)
    let rescaled = DiagonalQuadratic(
      zip(curvatures, scales).map { $0 / ($1 * $1) }, center: zip(center, scales).map { $0 * $1 })
    let other = try measure(rescaled, at: zip(w, scales).map { $0 * $1 }, rho: 0.2, iterations: 10)
    let growth = try #require(plain.growth)
    #expect(abs(try #require(other.growth) - growth) < 1e-9 * growth)
    let phi = try keskar(DiagonalQuadratic(curvatures, center: center), at: w, epsilon: 0.01).phi
    let otherPhi = try keskar(rescaled, at: zip(w, scales).map { $0 * $1 }, epsilon: 0.01).phi
    #expect(try abs(#require(phi) - #require(otherPhi)) > 0.1 * #require(phi), "φ does change")
  }

  @Test func saysWhereTheLossIsNotFinite() throws {
    let found = try measure(
      Written(1) { x, gradient in
        gradient[0] = 1
        return x[0] > 1 ? .infinity : x[0]
      }, at: [1], rho: 0.5, iterations: 5)
    #expect(found.growth == nil && found.end == .notFinite)
    let still = try measure(DiagonalQuadratic([1, 1], center: [1, 1]), at: [0, 0], rho: 0.5, iterations: 5)
    #expect(still.growth == 0 && still.end == .stationary && still.firstStep == nil, "weights of 0 stay")
  }
}
