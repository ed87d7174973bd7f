import Glibc

extension [Double] {
  /// The value below which a part of these lies, by linear interpolation between neighbours in their order: type 7 of
  /// Hyndman and Fan 1996, "Sample quantiles in statistical packages", as NumPy and R have it.
  ///
  /// - Parameter part: 0 is the least value, 1 the largest.
  /// - Precondition: there is a value, and `part` lies in 0 ... 1.
  public func quantile(_ part: Double) -> Double { sorted().sortedQuantile(part) }

  /// The value in the middle; nil for no values.
  public var median: Double? { isEmpty ? nil : quantile(0.5) }

  /// As `quantile`, of values that rise.
  func sortedQuantile(_ part: Double) -> Double {
    precondition(!isEmpty, "a quantile of no values")
    precondition((0...1).contains(part), "the quantile \(part)")
    let place = part * Double(count - 1)
    let below = Int(place)
    let rest = place - Double(below)
    // At a rest of 0 the neighbour above may be infinite, and does not count.
    return rest == 0 ? self[below] : self[below] * (1 - rest) + self[below + 1] * rest
  }

  /// An interval of the median that supposes nothing of the values' distribution but that they are independent: between two
  /// order statistics, as many values beyond each end as a fair coin's heads allow (Hoefler and Belli 2015, rule 8).
  ///
  /// - Parameter level: at least this share of such intervals holds the true median, in 0 < level < 1.
  /// - Returns: nil for so few values that even the least and the largest are no such interval: 5 or fewer at 95 %.
  public func medianInterval(level: Double = 0.95) -> Interval? {
    var beyond = 0
    var chance = 0.0
    while beyond < count {
      chance += FairCoin.chance(of: beyond, in: count)
      guard chance <= (1 - level) / 2 else { break }
      beyond += 1
    }
    guard beyond > 0 else { return nil }
    let sorted = self.sorted()
    return Interval(lower: sorted[beyond - 1], upper: sorted[count - beyond], level: level)
  }
}

/// Heads of a fair coin.
private enum FairCoin {
  /// C(tosses, heads) ÷ 2^tosses, by logarithms, which do not overflow.
  static func chance(of heads: Int, in tosses: Int) -> Double {
    func logFactorial(_ count: Int) -> Double {
      var sign: Int32 = 0
      return lgamma_r(Double(count) + 1, &sign)
    }
    return exp(
      logFactorial(tosses) - logFactorial(heads) - logFactorial(tosses - heads) - Double(tosses) * log(2))
  }
}
