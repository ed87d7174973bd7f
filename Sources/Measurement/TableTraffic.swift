import Statistics

/// The traffic of a rank's exchange of row-sparse gradients: in one step, or summed over several.
public struct TableTraffic: Equatable, Sendable {
  /// Steps in which touched rows were gathered.
  public var sparseSteps = 0
  /// Steps in which whole tables were reduced.
  public var denseSteps = 0
  /// Bytes that this rank hands to all-gather, or to the ranks that share its memory, ids and values.
  public var sparseBytes = 0
  /// Bytes that this rank hands to all-reduce.
  public var denseBytes = 0
  /// Collective calls.
  public var messages = 0
  /// Distinct rows that this rank's samples touch.
  public var touchedRows = 0
  /// Distinct rows that the global batch touches. A rank that gets a part of them only counts these as often as there are parts, so that
  /// the mean over ranks is right.
  public var mergedRows = 0

  /// Counts of rows alone; set what was moved afterwards.
  public init(touchedRows: Int = 0, mergedRows: Int = 0) {
    self.touchedRows = touchedRows
    self.mergedRows = mergedRows
  }

  /// Sums of all figures.
  public static func += (traffic: inout TableTraffic, more: TableTraffic) {
    traffic.sparseSteps += more.sparseSteps
    traffic.denseSteps += more.denseSteps
    traffic.sparseBytes += more.sparseBytes
    traffic.denseBytes += more.denseBytes
    traffic.messages += more.messages
    traffic.touchedRows += more.touchedRows
    traffic.mergedRows += more.mergedRows
  }

  /// Its place among `figures`.
  static let mergedRowsFigure = 6

  /// In a fixed order.
  var figures: [Double] {
    [sparseSteps, denseSteps, sparseBytes, denseBytes, messages, touchedRows, mergedRows].map(Double.init)
  }
}

/// The traffic of an interval's exchange of row-sparse gradients, over all ranks.
public struct TableTrafficSummary: Encodable, Equatable, Sendable {
  /// Steps in which touched rows were gathered. Both are 0 where there is only one rank.
  public var sparseSteps: Int
  /// Steps in which whole tables were reduced.
  public var denseSteps: Int
  /// Ids and values that a rank hands to all-gather, of which each other rank gets a copy.
  public var sparseBytes: Spread
  /// Bytes that a rank hands to all-reduce; the same on every rank.
  public var denseBytes: Int
  /// Collective calls of a rank.
  public var messages: Int
  /// Distinct rows that a rank's samples touch in a step, summed over steps.
  public var touchedRows: Spread
  /// Distinct rows that the global batch touches in a step, summed over steps.
  public var mergedRows: Int

  /// Figures of one interval.
  public init(
    sparseSteps: Int, denseSteps: Int, sparseBytes: Spread, denseBytes: Int, messages: Int, touchedRows: Spread,
    mergedRows: Int
  ) {
    self.sparseSteps = sparseSteps
    self.denseSteps = denseSteps
    self.sparseBytes = sparseBytes
    self.denseBytes = denseBytes
    self.messages = messages
    self.touchedRows = touchedRows
    self.mergedRows = mergedRows
  }

  /// - Parameter ranks: each rank's `TableTraffic.figures`.
  init(ranks: [[Double]]) {
    func spread(_ index: Int) -> Spread { Spread(ranks.map { $0[index] }) }
    func largest(_ index: Int) -> Int { Int(spread(index).maximum) }
    sparseSteps = largest(0)
    denseSteps = largest(1)
    sparseBytes = spread(2)
    denseBytes = largest(3)
    messages = largest(4)
    touchedRows = spread(5)
    mergedRows = Int(ranks.mean(of: TableTraffic.mergedRowsFigure).rounded())
  }
}
