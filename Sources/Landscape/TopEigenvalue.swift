/// The largest eigenvalue of a function's Hessian at a point: its sharpest curvature.
///
/// Power iteration on H v ≈ (∇f(x + h v) − ∇f(x − h v)) ÷ 2h, v of length 1, which never sees the Hessian itself. It finds
/// the eigenvalue of the largest magnitude; where that is negative a second iteration, on H − λ, finds the largest.
public struct TopEigenvalue: Encodable, Equatable, Sendable {
  /// vᵀ H v at the end; nil where a gradient was not finite.
  public var value: Double?
  /// ‖H v − value · v‖ ÷ |value|: how far from an eigenvector v still is. Nil where there is no value, or that is 0.
  public var residual: Double?
  /// Products with the Hessian, of two gradients each.
  public var iterations: Int

  package init(value: Double? = nil, residual: Double? = nil, iterations: Int) {
    (self.value, self.residual, self.iterations) = (value, residual, iterations)
  }
}

extension TopEigenvalue {
  /// A change of the value, as a share of it, that ends the iteration before its limit.
  static let tolerance = 1e-3

  /// - Parameter iterations: at most, in each of the two.
  static func measure(
    _ function: any DifferentiableFunction, at x: [Double], iterations: Int, seed: UInt64
  ) throws -> TopEigenvalue {
    let product = HessianProduct(function, at: x)
    var first = try search(product, shift: 0, iterations, seed)
    guard let lowest = first.value, lowest < 0 else { return first }
    let second = try search(product, shift: lowest, iterations, seed)
    first.iterations += second.iterations
    (first.value, first.residual) = (second.value, second.residual)
    return first
  }

  /// The eigenvalue of H that is farthest from `shift`.
  private static func search(
    _ product: HessianProduct, shift: Double, _ iterations: Int, _ seed: UInt64
  ) throws -> TopEigenvalue {
    var vector = RandomDirection.unit(product.count, seed)
    var found = TopEigenvalue(iterations: 0)
    while found.iterations < iterations {
      let image = try product(vector)
      found.iterations += 1
      guard image.allSatisfy(\.isFinite) else { return TopEigenvalue(iterations: found.iterations) }
      let value = vector.dot(image)
      let before = found.value
      found.value = value
      let rest = zip(image, vector).map { $0 - value * $1 }
      found.residual = value == 0 ? nil : rest.length / abs(value)
      let next = zip(image, vector).map { $0 - shift * $1 }
      let length = next.length
      if length == 0 { break }
      vector = next.map { $0 / length }
      if let before, abs(value - before) <= tolerance * abs(value) { break }
    }
    return found
  }
}

/// A function's Hessian at a point, by central differences of its gradient.
private final class HessianProduct {
  private let function: any DifferentiableFunction
  private let x: [Double]
  /// A thousandth of the point's length and more: far above the rounding of weights in single precision.
  private let step: Double
  private var gradient: [Double]

  init(_ function: any DifferentiableFunction, at x: [Double]) {
    self.function = function
    self.x = x
    step = 1e-3 * (1 + x.length)
    gradient = x
  }

  var count: Int { x.count }

  func callAsFunction(_ vector: [Double]) throws -> [Double] {
    _ = try function.value(at: zip(x, vector).map { $0 + step * $1 }, gradient: &gradient)
    let ahead = gradient
    _ = try function.value(at: zip(x, vector).map { $0 - step * $1 }, gradient: &gradient)
    return zip(ahead, gradient).map { ($0 - $1) / (2 * step) }
  }
}
