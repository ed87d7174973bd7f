import Statistics

/// The one rank that all others waited for, where a run lost time to that.
public struct SlowRank: Encodable, Equatable, Sendable {
  /// Its number.
  public var rank: Int
  /// The name that its system gives itself.
  public var host: String
  /// How often it was late.
  public var pattern: Pattern
  /// By what it was late.
  public var cause: Cause
  /// Seconds by which it was later than the median of the other ranks, summed over steps.
  public var seconds: Double
  /// Of the steps' time.
  public var share: Double
  /// The first step, from 1, in which it was late, where that was not throughout; and the last of these.
  public var steps: [Int]?

  /// How often a rank is late.
  public enum Pattern: String, Encodable, CaseIterable, Sendable {
    /// In most steps.
    case chronic
    /// Now and then.
    case sometimes
    /// In one row of the account: a step, or some that follow each other.
    case once
  }

  /// What a rank is late by.
  public enum Cause: String, Encodable, CaseIterable, Sendable {
    /// Its computing took longer.
    case compute
    /// It waited for input.
    case input
    /// It has more microbatches than the others.
    case share
  }

  /// All in the units above.
  public init(
    rank: Int, host: String, pattern: Pattern, cause: Cause, seconds: Double, share: Double, steps: [Int]? = nil
  ) {
    self.rank = rank
    self.host = host
    self.pattern = pattern
    self.cause = cause
    self.seconds = seconds
    self.share = share
    self.steps = steps
  }
}

extension SlowRank {
  /// Below these nobody needs to know: a share of the steps' time, and seconds.
  public static let least = (share: 0.05, seconds: 0.5)
  /// In fewer rows, chance and habit cannot be told apart.
  static let leastRows = 8

  /// Nil where no rank cost that much, or where it may be chance.
  public init?(in steps: RunSteps) {
    guard steps.ranks.count > 1, steps.rowCount >= Self.leastRows, steps.seconds > 0 else { return nil }
    let delays = steps.ranks.indices.map { RankDelay(of: $0, in: steps) }
    guard let worst = delays.indices.max(by: { delays[$0].total < delays[$1].total }) else { return nil }
    let delay = delays[worst]
    guard delay.total >= Self.least.seconds, delay.total >= Self.least.share * steps.seconds else { return nil }
    let outlying = delays.reduce(0) { $0 + $1.outlyingTotal }
    guard let pattern = delay.pattern(outlyingOfAll: outlying) else { return nil }
    self.init(
      rank: worst, host: steps.ranks[worst].host, pattern: pattern, cause: delay.cause, seconds: delay.total,
      share: delay.total / steps.seconds)
    if pattern != .chronic, let first = delay.outliers.first, let last = delay.outliers.last {
      self.steps = [steps.steps(inRow: first).lowerBound, steps.steps(inRow: last).upperBound]
    }
  }
}
