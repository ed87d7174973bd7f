import Glibc

extension [Double] {
  /// Σx ÷ n; NaN for no values. Figures so large that their sum is no number are divided first.
  var mean: Double {
    let sum = reduce(0, +)
    return sum.isFinite ? sum / Double(count) : reduce(0) { $0 + $1 / Double(count) }
  }

  /// (Πx)^(1/n), the mean of ratios; NaN for no values.
  ///
  /// - Precondition: none is negative.
  public var geometricMean: Double { exp(reduce(0) { $0 + log($1) } / Double(count)) }

  /// Σ(x − center)².
  func squares(around center: Double) -> Double { reduce(0) { $0 + ($1 - center) * ($1 - center) } }

  /// Each value's place in the order, from 1; equal values have the mean of their places.
  public var ranks: [Double] {
    let order = indices.sorted { self[$0] < self[$1] }
    var ranks = [Double](repeating: 0, count: count)
    var start = 0
    while start < count {
      let end = order[start...].firstIndex { self[$0] != self[order[start]] } ?? count
      for index in order[start..<end] { ranks[index] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  /// Σ(t³ − t) over groups of t equal values: how far ties narrow the distribution of a sum of ranks.
  var tieCorrection: Double {
    Dictionary(grouping: self) { $0 }.values.reduce(0) { sum, group in
      let size = Double(group.count)
      return sum + size * size * size - size
    }
  }
}
