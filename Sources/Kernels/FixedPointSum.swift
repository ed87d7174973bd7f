/// Sums that do not depend on their order: each float is rounded to a multiple of a fixed quantum, and doubles add such
/// multiples exactly as long as the sum stays below 2⁵³ quanta.
///
/// The idea of pre-rounding by a constant is Demmel and Nguyen's, "Fast reproducible floating-point summation" (2013),
/// section 3, with one fixed bin.
public enum FixedPointSum {
  /// 2⁻⁴⁰ ≈ 9e-13: sums are exact below 2¹³ = 8192, far above any gradient element of a run that has not diverged, and
  /// what is lost is some seven digits below the elements that move weights.
  public static let quantum = 0x1p-40

  /// Adding and taking away this leaves a multiple of the quantum: at its size that is a double's last bit.
  private static let rounder = 1.5 * 0x1p52 * quantum

  /// sums[i] += x[i], or = x[i] where `overwrite`.
  public static func add(_ x: Span<Float>, to sums: inout MutableSpan<Double>, overwrite: Bool) {
    precondition(x.count == sums.count, "\(x.count) floats into \(sums.count) sums")
    if overwrite {
      for index in x.indices { sums[index] = rounded(x[index]) }
    } else {
      for index in x.indices { sums[index] += rounded(x[index]) }
    }
  }

  /// The sums as floats.
  public static func round(_ sums: Span<Double>, into x: inout MutableSpan<Float>) {
    precondition(x.count == sums.count, "\(sums.count) sums into \(x.count) floats")
    for index in sums.indices { x[index] = Float(sums[index]) }
  }

  @inline(__always)
  private static func rounded(_ x: Float) -> Double { (Double(x) + rounder) - rounder }
}
