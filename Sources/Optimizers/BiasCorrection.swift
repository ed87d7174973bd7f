import Foundation

/// The divisors of Adam's moments, which start at 0 (Kingma and Ba 2015, algorithm 1), and the least epsilon. In
/// doubles: in early updates these are differences of nearly equal numbers.
struct BiasCorrection {
  /// 1 − β₁ᵗ
  let first: Double
  /// √(1 − β₂ᵗ)
  let secondRoot: Double

  /// - Parameter updates: t, this one included.
  init(beta1: Double, beta2: Double, updates: Int) {
    first = 1 - pow(beta1, Double(updates))
    secondRoot = (1 - pow(beta2, Double(updates))).squareRoot()
  }

  /// An epsilon too small for a float would divide zero by zero wherever a gradient has always been zero.
  static func epsilon(_ configured: Double) -> Float { max(Float(configured), .leastNormalMagnitude) }
}
