/// Sums that do not depend on their order: each float is rounded to a multiple of a fixed quantum, and doubles add such
/// multiples exactly as long as every sum on the way stays within 2⁵³ quanta.
///
/// That is certain where no term is larger than the range ÷ the number of terms, and terms are looked at as they come:
/// whether a sum is exact depends on its terms alone, never on their order or on who added which.
///
/// The idea of pre-rounding by a constant is Demmel and Nguyen's, "Fast reproducible floating-point summation" (2013),
/// section 3, with one fixed bin.
public struct FixedPointSum: Sendable {
  /// 2⁻⁴⁰ ≈ 9e-13: what is lost is some seven digits below the elements that move weights.
  public static let quantum = 0x1p-40
  /// 2⁵³ quanta = 8192, far above any gradient element of a run that has not diverged.
  public static let range = 0x1p53 * quantum

  /// The largest term that may come, either way of 0.
  public let largestTerm: Float

  /// Adding and taking away this leaves a multiple of the quantum: at its size that is a double's last bit. Floats for
  /// which it is too small are such multiples themselves.
  private static let rounder = 1.5 * 0x1p52 * quantum

  /// - Parameter terms: of one sum at most, on all ranks together.
  public init(terms: Int) {
    precondition(terms > 0, "a sum of \(terms) terms")
    // Rounding to a float may have gone up.
    largestTerm = Float(Self.range / Double(terms)).nextDown
  }

  /// sums[i] += x[i], or = x[i] where `overwrite`.
  ///
  /// - Returns: false where a term was too large for the sum to be sure to be exact. Infinities and what is not a number
  ///   are no such terms: they give the same sum in any order.
  public func add(_ x: Span<Float>, to sums: inout MutableSpan<Double>, overwrite: Bool) -> Bool {
    precondition(x.count == sums.count, "\(x.count) floats into \(sums.count) sums")
    let first = largestTerm.bitPattern &+ 1
    let count = Float.infinity.bitPattern &- first
    var tooLarge: UInt32 = 0
    if overwrite {
      for index in x.indices {
        tooLarge |= Self.lies(x[index], from: first, count)
        sums[index] = Self.rounded(x[index])
      }
    } else {
      for index in x.indices {
        tooLarge |= Self.lies(x[index], from: first, count)
        sums[index] += Self.rounded(x[index])
      }
    }
    return tooLarge == 0
  }

  /// The sums as floats.
  public static func round(_ sums: Span<Double>, into x: inout MutableSpan<Float>) {
    precondition(x.count == sums.count, "\(sums.count) sums into \(x.count) floats")
    for index in sums.indices { x[index] = Float(sums[index]) }
  }

  @inline(__always)
  private static func rounded(_ x: Float) -> Double { (Double(x) + rounder) - rounder }

  /// 1 where |x| is one of the `count` floats from `first` on, by their bits, which rise with them: nothing to branch on.
  @inline(__always)
  private static func lies(_ x: Float, from first: UInt32, _ count: UInt32) -> UInt32 {
    (x.bitPattern & 0x7FFF_FFFF) &- first < count ? 1 : 0
  }
}
