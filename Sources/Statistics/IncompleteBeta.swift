import Glibc

/// The regularised incomplete beta function I_x(a, b), on which Student's distribution rests.
enum IncompleteBeta {
  /// The value by its continued fraction (DLMF 8.17.22), evaluated from the front by Lentz's method as Thompson and
  /// Barnett 1986 have it. About 14 digits for the few hundred degrees of freedom that repetitions give.
  ///
  /// - Parameters:
  ///   - x: in 0 ... 1.
  ///   - a: and `b`: above 0.
  static func value(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges quickly below the mean alone.
    if x > (a + 1) / (a + b + 2) { return 1 - value(1 - x, b, a) }
    let logarithm = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
    return exp(logarithm) * fraction(x, a, b) / a
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var numerator = 1.0
    var denominator = 1 / kept(1 - (a + b) * x / (a + 1))
    var result = denominator
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      var change = 1.0
      for coefficient in [even, odd] {
        denominator = 1 / kept(1 + coefficient * denominator)
        numerator = kept(1 + coefficient / numerator)
        change = numerator * denominator
        result *= change
      }
      if abs(change - 1) < 1e-16 { break }
    }
    return result
  }

  private static func logGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }
}
