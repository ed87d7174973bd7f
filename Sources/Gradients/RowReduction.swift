import Configuration
import Measurement
import MessagePassing

/// Brings rows of all ranks together, in each step one of two ways: all rows to every rank, by messages alone, or to each rank those that
/// it is to move, in memory of its host first and then between the ranks of all hosts that move the same. The second way leaves in a rank's
/// own store what it is to move of its host's sums.
///
/// A step: `start` when the ids are known, `advance` now and then, `valuesAreFinal`, `finish`.
final class RowReduction<Store: RowStore> {
  private let whole: RowExchange<Store>
  /// Nil where no memory is shared.
  private let node: NodeRows<Store>?
  /// Nil where there is one host.
  private let across: RowExchange<Store>?
  /// Whether, in the step that begins, a rank gets the rows alone that it is to move, if memory is shared. The same on all ranks.
  var bringsOwnRows = false

  /// Collective; throws `MPIError`.
  ///
  /// - Parameter owners: of rows that each rank moves for its host; nil where all move all.
  init(
    _ own: Store, communicator: Communicator, tableRows: Int, strategy: ExecutionConfiguration.TableExchange,
    countsOccurrences: Bool, owners: RowOwners?
  ) throws {
    func exchange(_ own: Store, _ communicator: Communicator) throws -> RowExchange<Store> {
      let exchange = try RowExchange(
        own, communicator: communicator, tableRows: tableRows, strategy: strategy, countsOccurrences: countsOccurrences)
      guard strategy == .auto else { return exchange }
      exchange.costs = try .measure(
        like: own, communicator, tableRows: tableRows, countsOccurrences: countsOccurrences)
      return exchange
    }
    whole = try exchange(own, communicator.duplicate())
    let shared = try owners.flatMap { try NodeRows.make(own, by: communicator, $0, tableRows: tableRows) }
    node = shared?.rows
    across = try shared.flatMap { shared in try shared.across.map { try exchange(own, $0) } }
  }

  var costs: TableExchangeCosts? { whole.costs }

  /// Whether `finish` hands out the rows alone that this rank is to move.
  var isOwnRowsOnly: Bool { bringsOwnRows && node != nil }

  private var inNode: NodeRows<Store>? { bringsOwnRows ? node : nil }

  var firstStart: UInt64? { inNode?.firstStart ?? whole.firstStart }

  func start(late: UnsafeBufferPointer<Int32>? = nil) throws {
    if let inNode { try inNode.start() } else { try whole.start(late: late) }
  }

  func advance() throws { if inNode == nil { try whole.advance() } }

  func valuesAreFinal() throws { if inNode == nil { try whole.valuesAreFinal() } }

  /// Blocks until the sums are there. Throws `MPIError`.
  func finish() throws -> Store {
    guard let inNode else {
      try whole.finish()
      return whole.merged
    }
    try inNode.finish()
    try across?.finish()
    return across?.merged ?? inNode.own
  }

  /// Of the last step.
  var traffic: TableTraffic {
    guard let inNode else { return whole.traffic }
    var traffic = across?.traffic ?? TableTraffic()
    traffic.touchedRows = inNode.touchedRows
    traffic.mergedRows = (across?.merged ?? inNode.own).rows.count * inNode.ranks
    traffic.sparseBytes += inNode.byteCount
    if traffic.denseSteps == 0 { traffic.sparseSteps = 1 }
    return traffic
  }
}
