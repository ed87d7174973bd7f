/// The divisors of Adam's moments, which start at 0 (Kingma and Ba 2015, algorithm 1), and the least epsilon. In
/// doubles: in early updates these are differences of nearly equal numbers.
struct BiasCorrection {
  /// 1 − β₁ᵗ
  let first: Double
  /// √(1 − β₂ᵗ)
  let secondRoot: Double

  /// - Parameter updates: t, this one included.
  init(beta1: Double, beta2: Double, updates: Int) {
    self.init(beta1: beta1, beta2: beta2, Aging(after: updates - 1))
  }

  /// Where updates age the moments by more or less than one, the products of their β stand for βᵗ.
  init(beta1: Double, beta2: Double, _ aging: Aging) {
    first = 1 - aging.leftOfStart(beta1)
    secondRoot = (1 - aging.leftOfStart(beta2)).squareRoot()
  }

  /// An epsilon too small for a float would divide zero by zero wherever a gradient has always been zero.
  static func epsilon(_ configured: Double) -> Float { max(Float(configured), .leastNormalMagnitude) }
}
