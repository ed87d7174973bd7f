import Foundation
import Landscape
import Testing

@Suite struct KeskarSharpnessTests {
  private static let curvatures = (0..<40).map { 1 + Double($0 % 7) }
  private static let x = (0..<40).map { sin(Double($0) + 0.5) }

  /// The largest value of a quadratic that rises along every coordinate lies in a corner.
  private static func phi(_ curvatures: [Double], _ x: [Double], epsilon: Double, factor: Double = 1) -> Double {
    func value(_ grown: (Double) -> Double) -> Double {
      factor * zip(curvatures, x).reduce(0) { $0 + 0.5 * $1.0 * pow(grown(abs($1.1)), 2) }
    }
    let start = value { $0 }
    return 100 * (value { $0 + epsilon * ($0 + 1) } - start) / (1 + start)
  }

  @Test(arguments: [1e-3, 5e-4, 0.1]) func isThatOfTheCornerForAQuadratic(epsilon: Double) throws {
    let function = DiagonalQuadratic(Self.curvatures)
    let sharpness = try keskar(function, at: Self.x, epsilon: epsilon)
    let expected = Self.phi(Self.curvatures, Self.x, epsilon: epsilon)
    let signs = try #require(sharpness.phiBySigns)
    #expect(abs(signs - expected) < 1e-9 * expected, "\(signs), not \(expected)")
    let phi = try #require(sharpness.phi)
    #expect(phi <= expected * (1 + 1e-9) && phi > 0.9 * expected, "\(phi), not \(expected)")
    #expect(sharpness.beganElsewhere == nil && sharpness.epsilon == epsilon && sharpness.dimensions == nil)
  }

  /// A usual tolerance would stop at once, and say that nothing is there.
  @Test(arguments: [1e-6, 1e-12, 1e-30]) func hasNoUnitBelowWhichAllIsFlat(factor: Double) throws {
    let (whole, small) = (
      try keskar(DiagonalQuadratic(Self.curvatures), at: Self.x, epsilon: 0.01),
      try keskar(DiagonalQuadratic(Self.curvatures, factor: factor), at: Self.x, epsilon: 0.01)
    )
    #expect(small.iterations == whole.iterations && small.evaluations == whole.evaluations)
    // 1 + f differs between the two.
    let start = try DiagonalQuadratic(Self.curvatures).value(at: Self.x)
    let expected = try #require(whole.phi) * factor * (1 + start) / (1 + factor * start)
    #expect(abs(try #require(small.phi) - expected) < 1e-9 * expected)
    #expect(
      abs(try #require(small.phiBySigns) - Self.phi(Self.curvatures, Self.x, epsilon: 0.01, factor: factor)) < 1e-9
        * expected)
  }

  /// A minimum's gradient is 0, and is not flat for that.
  @Test func beginsElsewhereWhereTheGradientIsExactly0() throws {
    let function = DiagonalQuadratic([2, 3, 0.5], center: [1, -2, 0])
    let sharpness = try keskar(function, at: [1, -2, 0], epsilon: 0.1)
    let expected = 100 * 0.5 * (2 * 0.2 * 0.2 + 3 * 0.3 * 0.3 + 0.5 * 0.1 * 0.1)
    #expect(sharpness.beganElsewhere == true)
    #expect(abs(try #require(sharpness.phi) - expected) < 1e-9 * expected, "\(sharpness), not \(expected)")
    #expect(abs(try #require(sharpness.phiBySigns) - expected) < 1e-9 * expected)
  }

  @Test func findsAMaximumInsideTheBox() throws {
    let curvatures = (0..<20).map { -(1 + Double($0) / 4) }
    let center = (0..<20).map { 0.05 * cos(Double($0)) }
    let function = DiagonalQuadratic(curvatures, center: center)
    let sharpness = try keskar(function, at: Array(repeating: 0, count: 20), epsilon: 0.1, iterations: 20)
    let start = try function.value(at: Array(repeating: 0, count: 20))
    let expected = 100 * -start / (1 + start)
    #expect(abs(try #require(sharpness.phi) - expected) < 1e-6 * expected, "\(sharpness), not \(expected)")
  }

  @Test func makesAllItsIterations() throws {
    // The Rosenbrock function's valley is long.
    let function = Written(2) { x, gradient in
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      (gradient[0], gradient[1]) = (2 * a + 400 * x[0] * b, -200 * b)
      return -(a * a + 100 * b * b)
    }
    for iterations in [1, 5, 10] {
      let sharpness = try keskar(function, at: [-1.2, 1], epsilon: 2, iterations: iterations)
      #expect(sharpness.iterations == iterations && sharpness.end == nil, "\(sharpness)")
      #expect(sharpness.evaluations > iterations && sharpness.evaluations <= 1 + 21 * iterations)
    }
  }

  @Test func saysWhereTheLossIsNotFinite() throws {
    let function = Written(1) { x, gradient in
      gradient[0] = 1
      return x[0] > 0.05 ? .infinity : x[0]
    }
    let sharpness = try keskar(function, at: [0], epsilon: 0.1)
    #expect(sharpness.phi == nil && sharpness.end == .notFinite)
    #expect(sharpness.phiBySigns == nil && sharpness.signEnd == .notFinite)
    let never = try keskar(Written(1) { _, _ in .nan }, at: [0], epsilon: 0.1)
    #expect(never.phi == nil && never.end == .notFinite && never.signEnd == .notFinite)
  }

  @Test func aConstantHasNone() throws {
    let sharpness = try keskar(
      Written(3) { _, gradient in
        gradient = [0, 0, 0]
        return 1
      }, at: [1, 2, 3], epsilon: 0.1)
    #expect(sharpness.phi == 0 && sharpness.phiBySigns == 0 && sharpness.end == .stationary)
  }
}
