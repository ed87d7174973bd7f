/// An error that every rank of a communicator has learnt of, through `Communicator.agree`. Print it on the rank where
/// `isReporter` holds, and nowhere else. Other ranks should leave later or with exit code 0: a launcher may end the whole
/// job when the first process fails.
public struct CollectiveError: Error, Equatable, Sendable {
  /// The lowest rank that failed.
  public let rank: Int
  /// The fault there.
  public let message: String
  /// How many ranks failed, for the same reason or another.
  public let failures: Int
  /// How many ranks share this error: the communicator's size.
  public let ranks: Int
  /// The rank that holds this copy.
  public let observer: Int

  /// The agreement as rank `observer` sees it: `rank` is the first that failed, of `failures`.
  public init(rank: Int, message: String, failures: Int, ranks: Int, observer: Int) {
    self.rank = rank
    self.message = message
    self.failures = failures
    self.ranks = ranks
    self.observer = observer
  }

  /// Whether this rank is to print it: one does.
  public var isReporter: Bool { observer == 0 }
}

extension CollectiveError: CustomStringConvertible {
  /// Names the rank only where others fared better.
  public var description: String { failures == ranks ? message : "rank \(rank): \(message)" }
}
