import Landscape

/// Σ ½ λ (x − c)², times a factor: its maxima in boxes and balls, and its Hessian, are known.
final class DiagonalQuadratic: DifferentiableFunction {
  let curvatures: [Double]
  let center: [Double]
  let factor: Double
  private(set) var evaluations = 0

  init(_ curvatures: [Double], center: [Double]? = nil, factor: Double = 1) {
    self.curvatures = curvatures
    self.center = center ?? Array(repeating: 0, count: curvatures.count)
    self.factor = factor
  }

  var count: Int { curvatures.count }

  func value(at point: [Double], gradient: inout [Double]) -> Double {
    evaluations += 1
    var value = 0.0
    for index in curvatures.indices {
      let distance = point[index] - center[index]
      value += 0.5 * curvatures[index] * distance * distance
      gradient[index] = factor * curvatures[index] * distance
    }
    return factor * value
  }
}

/// A function that a test writes down.
final class Written: DifferentiableFunction {
  let count: Int
  private let body: ([Double], inout [Double]) -> Double

  init(_ count: Int, _ body: @escaping ([Double], inout [Double]) -> Double) {
    self.count = count
    self.body = body
  }

  func value(at point: [Double], gradient: inout [Double]) -> Double { body(point, &gradient) }
}

extension DifferentiableFunction {
  func value(at point: [Double]) throws -> Double {
    var gradient = [Double](repeating: 0, count: count)
    return try value(at: point, gradient: &gradient)
  }
}

/// Only φ in the whole space.
func keskar(
  _ function: any DifferentiableFunction, at x: [Double], epsilon: Double, iterations: Int = 10
) throws -> KeskarSharpness {
  let question = SharpnessQuestion(
    epsilons: [epsilon], subspace: 0, iterations: iterations, rho: 0, hessianIterations: 0)
  return try SharpnessFigures.measure(function, at: x, question).keskar[0]
}
