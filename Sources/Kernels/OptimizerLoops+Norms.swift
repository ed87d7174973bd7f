import CVectorMath

extension OptimizerLoops {
  /// Σ x², in doubles: no float's square overflows or vanishes there.
  public static func sumOfSquares(_ values: Span<Float>) -> Double {
    var sum = 0.0
    for index in 0..<values.count {
      let value = Double(values[index])
      sum = lockstep_reassociable_add_double(sum, value * value)
    }
    return sum
  }

  /// Σ (s · a + t · b)², in doubles.
  public static func sumOfSquares(
    _ a: Span<Float>, times s: Double, plus b: Span<Float>, times t: Double
  ) -> Double {
    let count = a.count
    precondition(b.count == count, "\(count) values beside \(b.count)")
    var sum = 0.0
    for index in 0..<count {
      let value = (s * Double(a[index])).addingProduct(t, Double(b[index]))
      sum = lockstep_reassociable_add_double(sum, value * value)
    }
    return sum
  }

  /// Σ (a − b)², in doubles.
  public static func squaredDistance(_ a: Span<Float>, _ b: Span<Float>) -> Double {
    let count = a.count
    precondition(b.count == count, "\(count) values against \(b.count)")
    var sum = 0.0
    for index in 0..<count {
      let difference = Double(a[index]) - Double(b[index])
      sum = lockstep_reassociable_add_double(sum, difference * difference)
    }
    return sum
  }

  /// Whether no value is infinite or not a number: 0 · x is 0 for every finite x and not a number for any other, and a
  /// sum with such a term stays not a number, so there is nothing to branch on.
  public static func isFinite(_ values: Span<Float>) -> Bool {
    var sum: Float = 0
    for index in 0..<values.count { sum = lockstep_reassociable_add(sum, 0 * values[index]) }
    return sum == 0
  }
}
