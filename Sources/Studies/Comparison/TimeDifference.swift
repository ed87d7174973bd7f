import Glibc
import Statistics

/// How many times as long an epoch of the same work takes in another study.
///
/// Two things could make a difference by chance, and the interval is the wider of what both allow. Epochs scatter: all shifts that
/// Mann and Whitney's test does not refuse. Trials scatter, since all epochs of one share its moment and its place in memory, and
/// are less than independent: Student's interval, from the scatter of trials of equal work around each other in all studies. Its ends
/// are moved out by the share of the epochs that other programs took.
public struct TimeDifference: Encodable, Equatable, Sendable {
  /// What the difference shows.
  public enum Verdict: String, Encodable, Sendable {
    /// The interval holds ratios on one side of 1 only.
    case faster, slower
    /// It holds 1, or there is none.
    case undecided
  }

  /// Median epoch ÷ the first study's.
  public var ratio: Double
  /// Of the ratio; all intervals of a comparison together hold the true ratios in 95 % of comparisons (Bonferroni). nil for too few
  /// epochs.
  public var interval: Interval?
  /// Mann and Whitney's, of the epochs; not corrected for the number of comparisons.
  public var pValue: Double?
  /// What follows from the interval; nothing from disturbed times.
  public var verdict: Verdict

  /// - Parameters:
  ///   - spread: of trials of equal work, in logarithms; nil where no work has several.
  ///   - comparisons: made together.
  init(from first: TimedWork, to other: TimedWork, spread: PooledSpread?, comparisons: Int) {
    let level = 1 - 0.05 / Double(max(1, comparisons))
    ratio = other.seconds.value / first.seconds.value
    interval = Self.interval(from: first, to: other, spread, level: level)
    pValue = RankTest.mannWhitney(first.logarithms, other.logarithms)?.pValue
    verdict = .undecided
    guard let interval, !first.isDisturbed, !other.isDisturbed, !interval.contains(1) else { return }
    verdict = interval.upper < 1 ? .faster : .slower
  }

  private static func interval(
    from first: TimedWork, to other: TimedWork, _ spread: PooledSpread?, level: Double
  ) -> Interval? {
    guard let ofEpochs = RankTest.shiftInterval(from: first.logarithms, to: other.logarithms, level: level) else {
      return nil
    }
    var (lower, upper) = (ofEpochs.lower, ofEpochs.upper)
    if let spread, let a = first.trialLogarithms.average, let b = other.trialLogarithms.average {
      let ofTrials = spread.interval(
        ofDifference: b - a, first.trialLogarithms.count, other.trialLogarithms.count, level: level)
      (lower, upper) = (min(lower, ofTrials.lower), max(upper, ofTrials.upper))
    }
    // In peace each could have been shorter by what others took.
    let ends = (exp(lower) * (1 - other.taken), exp(upper) / (1 - first.taken))
    return ends.0.isFinite && ends.1.isFinite ? Interval(lower: ends.0, upper: ends.1, level: level) : nil
  }
}

extension TimedWork {
  fileprivate var taken: Double { lostShare.map { $0.isFinite ? min(max($0, 0), 0.99) : 0 } ?? 0 }
}

extension [Double] {
  fileprivate var average: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
