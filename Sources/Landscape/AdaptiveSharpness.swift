import Buffers

/// How much a function can grow near a point, each weight moving in its own size, so that a rescaling of weights that leaves
/// the function as it is leaves this as it is (Dinh et al. 2017 show that φ does not): Kwon, Kim, Park and Choi, "ASAM" (ICML 2021).
///
/// max over δ with ‖T⁻¹ δ‖₂ ≤ ρ of f(w + δ) − f(w), T = diag(|w|): weights of 0 stay. In units of the weights, u = T⁻¹ δ
/// and v(u) = |w| ⊙ ∇f(w + |w| ⊙ u); each step goes to u = ρ v ÷ ‖v‖, the point of the ball that is farthest along the
/// gradient. The first is ASAM's own perturbation, ρ T² ∇f ÷ ‖T ∇f‖; for a convex function none goes down.
public struct AdaptiveSharpness: Encodable, Equatable, Sendable {
  /// The ball's radius, as a share of the weights.
  public var rho: Double
  /// The largest growth seen: at most the maximum. Nil where a value was not finite.
  public var growth: Double?
  /// Growth at ASAM's own perturbation, which may be negative; nil where it was not finite or not computed.
  public var firstStep: Double?
  /// Steps that were finished.
  public var iterations: Int
  /// Why it ended before its last step.
  public var end: Ascent.End?

  package init(rho: Double, growth: Double?, firstStep: Double?, iterations: Int, end: Ascent.End? = nil) {
    (self.rho, self.growth, self.firstStep, self.iterations, self.end) = (rho, growth, firstStep, iterations, end)
  }
}

extension AdaptiveSharpness {
  static func measure(
    _ function: any DifferentiableFunction, at weights: [Double], rho: Double, iterations: Int, seed: UInt64
  ) throws -> AdaptiveSharpness {
    let units = weights.map(abs)
    let function = Rescaled(function, around: weights, units: units)
    let middle = [Double](repeating: 0, count: weights.count)
    var gradient = middle
    let start = try function.value(at: middle, gradient: &gradient)
    var ascent = Ascent(start: start)
    var first: Double?
    if !start.isFinite || !gradient.allSatisfy(\.isFinite) { ascent.end = .notFinite }
    if gradient.allSatisfy({ $0 == 0 }) { gradient = direction(units, seed) }
    while ascent.end == nil, ascent.iterations < iterations {
      guard let place = farthest(along: gradient, rho) else {
        ascent.end = .stationary
        break
      }
      let value = try function.value(at: place, gradient: &gradient)
      guard ascent.note(value, gradient: gradient) else { break }
      ascent.iterations += 1
      first = first ?? value - start
    }
    let growth = ascent.end == .notFinite ? nil : ascent.maximum - start
    return AdaptiveSharpness(
      rho: rho, growth: growth, firstStep: first, iterations: ascent.iterations, end: ascent.end)
  }

  /// ρ v ÷ ‖v‖; nil where there is no direction.
  private static func farthest(along v: [Double], _ rho: Double) -> [Double]? {
    let length = v.length
    guard length > 0, length.isFinite else { return nil }
    return v.map { rho * $0 / length }
  }

  /// Where the gradient is exactly 0.
  private static func direction(_ units: [Double], _ seed: UInt64) -> [Double] {
    zip(units, RandomDirection.unit(units.count, seed)).map { $0.0 * $0.1 }
  }
}
