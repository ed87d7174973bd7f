import CVectorMath

/// A sum of gradients that agrees with how much they say alike (Maleki et al. 2021): orthogonal ones are added, parallel ones
/// averaged.
public enum Adasum {
  /// a ← (1 − a·b ÷ 2‖a‖²) a + (1 − a·b ÷ 2‖b‖²) b, products and sums in doubles: no float's square overflows or vanishes there.
  /// Where one is 0, the result is the other.
  public static func combine(_ a: inout MutableSpan<Float>, with b: Span<Float>) {
    let count = a.count
    precondition(b.count == count, "\(count) numbers combined with \(b.count)")
    var (product, first, second) = (0.0, 0.0, 0.0)
    for index in 0..<count {
      let (x, y) = (Double(a[index]), Double(b[index]))
      product = lockstep_reassociable_add_double(product, x * y)
      first = lockstep_reassociable_add_double(first, x * x)
      second = lockstep_reassociable_add_double(second, y * y)
    }
    let (shareOfA, shareOfB) = (share(product, first), share(product, second))
    for index in 0..<count {
      a[index] = Float((shareOfA * Double(a[index])).addingProduct(shareOfB, Double(b[index])))
    }
  }

  private static func share(_ product: Double, _ squares: Double) -> Double {
    squares == 0 ? 1 : 1 - product / (2 * squares)
  }
}
