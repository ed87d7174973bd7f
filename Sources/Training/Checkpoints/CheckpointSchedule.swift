import Configuration

/// When checkpoints are due. On rank 0: others learn it from there.
package struct CheckpointSchedule {
  private let interval: CheckpointConfiguration.Interval
  private var last: Double
  /// What one held training up for, as a mean of about the last so many: full ones and those of changed rows take turns. nil before
  /// the first.
  private var stall: Double?
  private var noted = 0
  private static let most = 8

  /// Where the interval follows from a checkpoint's cost, the first one is written after so many seconds, or after a tenth of the
  /// mean time between failures.
  package static let firstSeconds = 60.0

  /// - Parameter now: seconds, on any clock that goes on.
  package init(_ interval: CheckpointConfiguration.Interval, now: Double) {
    self.interval = interval
    last = now
  }

  /// Seconds from one to the next; nil where updates are counted.
  package var seconds: Double? {
    switch interval {
    case .steps: nil
    case .seconds(let seconds): seconds
    case .auto(let time):
      // Young's formula, to which Daly's is the same where the cost is far below the time between failures: J. W. Young, A first
      // order approximation to the optimum checkpoint interval, 1974; J. T. Daly, A higher order estimate, 2006, equation 20.
      stall.map { min(max((2 * $0 * time).squareRoot(), $0), time) } ?? min(Self.firstSeconds, time / 10)
    }
  }

  /// - Parameter updates: made so far.
  package func isDue(afterUpdates updates: Int, now: Double) -> Bool {
    if case .steps(let steps) = interval { return updates > 0 && updates % steps == 0 }
    return seconds.map { now - last >= $0 } ?? false
  }

  /// - Parameter stall: seconds for which training was held up.
  package mutating func note(stall: Double, now: Double) {
    noted += 1
    let before = self.stall ?? stall
    (self.stall, last) = (before + (stall - before) / Double(min(noted, Self.most)), now)
  }
}
