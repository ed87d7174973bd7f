import Statistics

/// By how much one rank arrives at the exchanges later than the median of the others, row by row.
struct RankDelay {
  /// Seconds; below 0 where it arrives earlier.
  private let rows: [Double]
  private let typical: Double
  /// About a standard deviation, however large a few rows are: 1.4826 × the median distance from the median.
  private let noise: Double
  let cause: SlowRank.Cause

  init(of rank: Int, in steps: RunSteps) {
    let others = steps.ranks.indices.filter { $0 != rank }
    func delays(_ value: (StepSeconds) -> Double) -> [Double] {
      (0..<steps.rowCount).map { row in
        value(steps.ranks[rank].rows[row]) - others.map { value(steps.ranks[$0].rows[row]) }.quantile(0.5)
      }
    }
    let rows = delays(\.untilArrival)
    self.rows = rows
    let typical = rows.quantile(0.5)
    self.typical = typical
    noise = 1.4826 * rows.map { abs($0 - typical) }.quantile(0.5)
    let input = delays { Double($0[.load]) }.reduce(0, +)
    let share = others.map { Double(steps.ranks[$0].microbatches) }.quantile(0.5)
    let hasMore = Double(steps.ranks[rank].microbatches) > share
    cause = input >= rows.reduce(0, +) / 2 ? .input : hasMore ? .share : .compute
  }

  var total: Double { rows.reduce(0, +) }

  /// The sign test: of equal ranks, one in ten thousand is late that much more often than early. It asks nothing of how
  /// delays are distributed, and takes 14 rows or more.
  private var isMostlyLate: Bool {
    let late = rows.reduce(0) { $0 + ($1 > 0 ? 1 : -1) }
    return Double(late) > 3.7 * Double(rows.count).squareRoot()
  }

  /// Rows that stand out of what is usual between these ranks.
  var outliers: [Int] { rows.indices.filter { rows[$0] > typical + max(6 * noise, abs(typical)) } }

  /// Seconds of these rows.
  var outlyingTotal: Double { outliers.reduce(0) { $0 + rows[$1] } }

  /// It is late in more rows than chance makes it, or a few rows are most of what it costs. Nil where neither is so.
  /// - Parameter outlyingOfAll: seconds of all ranks' outlying rows: hiccups that every rank has are nobody's.
  func pattern(outlyingOfAll: Double) -> SlowRank.Pattern? {
    if isMostlyLate, typical * Double(rows.count) >= total / 2 { return .chronic }
    let outliers = outliers
    guard outlyingTotal >= total / 2, outlyingTotal > 0.6 * outlyingOfAll else { return nil }
    return outliers.contains { rows[$0] >= total / 2 } ? .once : .sometimes
  }
}
