import Statistics

/// What calls of one collective took, of one size on one group of ranks.
public struct CollectiveTime: Encodable, Equatable, Sendable {
  /// The call.
  public var collective: Collective
  /// That took part.
  public var ranks: Int
  /// That these ranks were on.
  public var nodes: Int
  /// Of one rank's whole buffer.
  public var bytes: Int
  /// Median over repetitions, each the time of its slowest rank.
  public var seconds: Double
  /// A rank-based interval of the median at 95 %; of so few repetitions that there is none, the least and the largest.
  public var low: Double
  /// The interval's upper end.
  public var high: Double
  /// How many there were.
  public var repetitions: Int

  /// - Parameters:
  ///   - bytes: of one rank's whole buffer.
  ///   - times: seconds of the slowest rank, one a repetition; at least one.
  public init(_ collective: Collective, ranks: Int, nodes: Int, bytes: Int, times: [Double]) {
    let interval = times.medianInterval()
    self.init(
      collective, ranks: ranks, nodes: nodes, bytes: bytes, seconds: times.quantile(0.5),
      low: interval?.lower ?? times.min()!, high: interval?.upper ?? times.max()!, repetitions: times.count)
  }

  package init(
    _ collective: Collective, ranks: Int, nodes: Int, bytes: Int, seconds: Double, low: Double, high: Double,
    repetitions: Int
  ) {
    self.collective = collective
    self.ranks = ranks
    self.nodes = nodes
    self.bytes = bytes
    self.seconds = seconds
    self.low = low
    self.high = high
    self.repetitions = repetitions
  }
}
