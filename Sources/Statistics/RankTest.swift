/// A test by ranks: it supposes no normal distribution, and no outlier decides it.
public struct RankTest: Encodable, Equatable, Sendable {
  /// Mann–Whitney: in how many pairs the first sample's value is the larger, equal ones counted half. Wilcoxon: the sum of
  /// the ranks of the positive differences.
  public var statistic: Double
  /// Two-sided.
  public var pValue: Double
  /// Counted over all arrangements of the ranks seen, ties as they are; else from the normal distribution.
  public var isExact: Bool

  /// Up to so many values counts of arrangements are exact in a double.
  private static let mostExact = 50

  /// Whether one of two independent samples tends to larger values: Mann and Whitney 1947.
  ///
  /// - Returns: nil where a sample is empty or a value is NaN.
  public static func mannWhitney(_ first: [Double], _ second: [Double]) -> RankTest? {
    let all = first + second
    guard !first.isEmpty, !second.isEmpty, !all.contains(where: \.isNaN) else { return nil }
    let ranks = all.ranks
    let (n, m, total) = (Double(first.count), Double(second.count), Double(all.count))
    let sum = ranks.prefix(first.count).reduce(0, +)
    let statistic = sum - n * (n + 1) / 2
    if all.count <= mostExact {
      let counts = ArrangementCounts(ranks: ranks, choosing: first.count)
      return RankTest(statistic: statistic, pValue: counts.twoSided(sum), isExact: true)
    }
    let variance = n * m / 12 * (total + 1 - all.tieCorrection / (total * (total - 1)))
    let distance = max(0, abs(statistic - n * m / 2) - 0.5)
    return RankTest(statistic: statistic, pValue: twoSided(distance, variance), isExact: false)
  }

  /// How far the second sample lies above the first: all shifts at which Mann and Whitney's test would not tell the samples apart,
  /// between two of the differences of all pairs (Hodges and Lehmann 1963, "Estimates of location based on rank tests"). Of
  /// logarithms it is an interval of a ratio.
  ///
  /// - Parameter level: at least this share of such intervals holds the true shift, in 0 < level < 1.
  /// - Returns: nil where a value is not finite, or for so few values that not even all differences together are such an interval,
  ///   as for 3 beside 4 at 95 %.
  public static func shiftInterval(from first: [Double], to second: [Double], level: Double = 0.95) -> Interval? {
    guard !first.isEmpty, !second.isEmpty, (first + second).allSatisfy(\.isFinite) else { return nil }
    let place = placeOfEnd(first.count, second.count, beyond: (1 - level) / 2)
    guard place > 0 else { return nil }
    let differences = PairDifferences(first: first.sorted(), second: second.sorted())
    return Interval(
      lower: differences.value(at: place), upper: differences.value(at: differences.count + 1 - place), level: level)
  }

  /// From 1: how far into the order of all pairs' differences the end of an interval lies; 0 or less where there is none.
  private static func placeOfEnd(_ first: Int, _ second: Int, beyond chance: Double) -> Int {
    if first + second <= mostExact {
      let ranks = (1...(first + second)).map(Double.init)
      return ArrangementCounts(ranks: ranks, choosing: first).sums(below: chance, from: first * (first + 1) / 2)
    }
    let (n, m) = (Double(first), Double(second))
    let deviation = (n * m * (n + m + 1) / 12).squareRoot()
    return Int((n * m / 2 + Normal.quantile(chance) * deviation + 0.5).rounded(.down))
  }

  /// Whether the differences of pairs tend away from 0: Wilcoxon 1945. Differences of 0 are left out.
  ///
  /// - Returns: nil where no difference is left, or a value is NaN.
  public static func wilcoxon(_ differences: [Double]) -> RankTest? {
    let kept = differences.filter { $0 != 0 }
    guard !kept.isEmpty, !kept.contains(where: \.isNaN) else { return nil }
    let sizes = kept.map(abs)
    let ranks = sizes.ranks
    let statistic = zip(kept, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    if kept.count <= mostExact {
      let counts = ArrangementCounts(ranks: ranks, choosing: nil)
      return RankTest(statistic: statistic, pValue: counts.twoSided(statistic), isExact: true)
    }
    let n = Double(kept.count)
    let variance = n * (n + 1) * (2 * n + 1) / 24 - sizes.tieCorrection / 48
    return RankTest(statistic: statistic, pValue: twoSided(abs(statistic - n * (n + 1) / 4), variance), isExact: false)
  }

  private static func twoSided(_ distance: Double, _ variance: Double) -> Double {
    variance > 0 ? min(1, 2 * Normal.cumulative(-distance / variance.squareRoot())) : 1
  }
}

/// How many ways there are to choose ranks of each sum.
private struct ArrangementCounts {
  /// Ways for each value of twice the sum, which is whole where equal values share ranks too.
  private let bySum: [Double]

  /// - Parameter choosing: how many ranks; nil for any number, each in or out.
  init(ranks: [Double], choosing count: Int?) {
    let doubled = ranks.map { Int(2 * $0) }
    let sums = doubled.reduce(0, +) + 1
    // Counts for each number of chosen ranks; where any number may be chosen, all in one.
    let most = count ?? 0
    var ways = [[Double]](repeating: [Double](repeating: 0, count: sums), count: most + 1)
    ways[0][0] = 1
    for rank in doubled {
      for chosen in stride(from: most, through: count == nil ? 0 : 1, by: -1) {
        let from = count == nil ? chosen : chosen - 1
        for sum in stride(from: sums - 1, through: rank, by: -1) { ways[chosen][sum] += ways[from][sum - rank] }
      }
    }
    bySum = ways[most]
  }

  /// How many whole sums, from the least on, have no more than a chance together.
  func sums(below chance: Double, from least: Int) -> Int {
    let total = bySum.reduce(0, +)
    var (sum, share) = (least, 0.0)
    while 2 * sum < bySum.count {
      share += bySum[2 * sum] / total
      guard share <= chance else { break }
      sum += 1
    }
    return sum - least
  }

  /// Twice the smaller of the shares with at most and at least this sum, at most 1.
  func twoSided(_ sum: Double) -> Double {
    let place = Int(2 * sum)
    let total = bySum.reduce(0, +)
    let (below, above) = (bySum[...place].reduce(0, +), bySum[place...].reduce(0, +))
    return min(1, 2 * min(below, above) / total)
  }
}

/// What each of the second values is above each of the first, in order, without a list of them.
private struct PairDifferences {
  /// Rising, as the second ones.
  let first: [Double]
  let second: [Double]

  var count: Int { first.count * second.count }

  /// - Parameter place: from 1.
  func value(at place: Int) -> Double {
    var (low, high) = (second[0] - first[first.count - 1], second[second.count - 1] - first[0])
    if count(upTo: low) >= place { return low }
    // Halved until no number lies between: the upper end is then one of the differences.
    while true {
      let middle = low + (high - low) / 2
      guard low < middle, middle < high else { return high }
      if count(upTo: middle) >= place { high = middle } else { low = middle }
    }
  }

  /// As the second value rises, so does the number of first ones that lie too far below it.
  private func count(upTo bound: Double) -> Int {
    var (below, count) = (0, 0)
    for value in second {
      while below < first.count, value - first[below] > bound { below += 1 }
      count += first.count - below
    }
    return count
  }
}
