import Configuration
import Measurement
import MessagePassing

/// Time of a step's table exchange either way, in seconds: a constant and so much a row, packing and merging included.
/// Measured once, at the start, and agreed on, so that every rank decides the same.
public struct TableExchangeCosts: Equatable, Sendable {
  /// Seconds of gathering no rows.
  public var gatherLatency: Double
  /// Seconds for each row of any rank.
  public var gatherSecondsPerRow: Double
  /// Seconds of reducing no rows.
  public var reduceLatency: Double
  /// Seconds for each row of the table.
  public var reduceSecondsPerRow: Double

  /// Costs that were measured elsewhere: all in seconds.
  public init(
    gatherLatency: Double, gatherSecondsPerRow: Double, reduceLatency: Double, reduceSecondsPerRow: Double
  ) {
    self.gatherLatency = gatherLatency
    self.gatherSecondsPerRow = gatherSecondsPerRow
    self.reduceLatency = reduceLatency
    self.reduceSecondsPerRow = reduceSecondsPerRow
  }

  /// Whether gathering is the cheaper way.
  /// - Parameters:
  ///   - rows: touched rows, summed over ranks.
  ///   - tableRows: of the tables.
  public func gathers(rows: Int, tableRows: Int) -> Bool {
    gatherLatency + gatherSecondsPerRow * Double(rows) <= reduceLatency + reduceSecondsPerRow * Double(tableRows)
  }

  /// The line through two measured times.
  package static func line(_ few: (rows: Int, seconds: Double), _ many: (rows: Int, seconds: Double)) -> (
    latency: Double, perRow: Double
  ) {
    let perRow = max(0, (many.seconds - few.seconds) / Double(max(1, many.rows - few.rows)))
    return (max(0, few.seconds - perRow * Double(few.rows)), perRow)
  }
}

extension TableExchangeCosts {
  private static let fewRows = 64
  private static let manyRows = 8192
  private static let repeats = 7

  /// Times both ways on made-up rows like the model's. Collective; the same on every rank.
  static func measure<Store: RowStore>(
    like store: Store, _ communicator: Communicator, tableRows: Int, countsOccurrences: Bool
  ) throws -> TableExchangeCosts {
    func line(_ strategy: ExecutionConfiguration.TableExchange) throws -> (latency: Double, perRow: Double) {
      let points = try [min(fewRows, tableRows), min(manyRows, tableRows)].map { rows in
        let own = store.makeEmpty()
        for id in 0..<rows { _ = own.rows.touch(Int32(id), times: 1) }
        let exchange = try RowExchange(
          own, communicator: communicator, tableRows: rows, strategy: strategy, countsOccurrences: countsOccurrences)
        return (rows: rows * (strategy == .dense ? 1 : communicator.size), seconds: try time(exchange, communicator))
      }
      return Self.line(points[0], points[1])
    }
    let (gather, reduce) = (try line(.sparse), try line(.dense))
    var constants = [gather.latency, gather.perRow, reduce.latency, reduce.perRow]
    try communicator.allReduce(inPlace: constants.mutableSpan, .maximum)
    return TableExchangeCosts(
      gatherLatency: constants[0], gatherSecondsPerRow: constants[1], reduceLatency: constants[2],
      reduceSecondsPerRow: constants[3])
  }

  /// The fastest of a few, after one that only warms up.
  private static func time<Store: RowStore>(_ exchange: RowExchange<Store>, _ communicator: Communicator) throws
    -> Double
  {
    try exchange.finish()
    var best = UInt64.max
    for _ in 0..<repeats {
      try communicator.barrier()
      let start = MonotonicClock.now()
      try exchange.finish()
      best = min(best, MonotonicClock.now() - start)
    }
    return Double(best) * 1e-9
  }
}
