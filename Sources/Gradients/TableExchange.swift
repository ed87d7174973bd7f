import Buffers
import Configuration
import Kernels
import Measurement
import MessagePassing

/// The exchange of a model's row-sparse gradients. One rank moves nothing and copies nothing.
final class TableExchange {
  private let own: TableGradients
  private let accumulation: Accumulation
  /// Sums of the microbatches so far, where they come alone.
  private let floatSums: FloatRows?
  private let sums: FixedPointRows?
  /// The gradients that go to the optimiser where they are not a rank's own.
  private let reduced: TableGradients?
  private let floats: RowReduction<FloatRows>?
  private let doubles: RowReduction<FixedPointRows>?
  /// The backward pass reaches it last of those with tables.
  private let firstTableLayer: Int

  /// - Parameters:
  ///   - countsOccurrences: the merged rows say how often each occurs on all ranks; else only an all-reduce tells.
  ///   - accumulation: where microbatches come alone they are added up here.
  ///   - owners: of rows that each rank moves for its host; nil where all move all.
  init(
    _ own: TableGradients, layout: ParameterLayout, communicator: Communicator,
    strategy: ExecutionConfiguration.TableExchange,
    countsOccurrences: Bool, accumulation: Accumulation, owners: RowOwners?
  ) throws {
    self.own = own
    self.accumulation = accumulation
    firstTableLayer = layout.tables.map(\.layer).min()!
    floatSums = accumulation == .alone ? FloatRows(TableGradients(like: own)) : nil
    sums = accumulation == .exact ? FixedPointRows(width: own.width) : nil
    reduced = accumulation == .exact ? TableGradients(like: own) : nil
    let isAlone = communicator.size == 1
    func reduction<Store: RowStore>(_ store: Store) throws -> RowReduction<Store> {
      try RowReduction(
        store, communicator: communicator, tableRows: own.tableRows, strategy: strategy,
        countsOccurrences: countsOccurrences, owners: owners)
    }
    floats = isAlone || accumulation == .exact ? nil : try reduction(floatSums ?? FloatRows(own))
    doubles = isAlone ? nil : try sums.map { try reduction($0) }
  }

  /// False where a gradient of this rank's microbatches is too large for an exact sum.
  var isExact: Bool { sums?.isExact ?? true }

  /// Where the strategy is `auto` and there is somebody to exchange with.
  var costs: TableExchangeCosts? { floats?.costs ?? doubles?.costs }

  var firstStart: UInt64? { floats?.firstStart ?? doubles?.firstStart }

  /// Traffic of the last step.
  var traffic: TableTraffic {
    if let traffic = floats?.traffic ?? doubles?.traffic { return traffic }
    let rows = (sums?.rows ?? floatSums?.rows ?? own.rows).count
    return TableTraffic(touchedRows: rows, mergedRows: rows)
  }

  /// - Parameters:
  ///   - exactSum: of the step's terms.
  ///   - bringsOwnRows: a rank needs the rows alone that it is to move. The same on all ranks.
  func beginStep(_ exactSum: FixedPointSum, bringsOwnRows: Bool) {
    sums?.sum = exactSum
    floats?.bringsOwnRows = bringsOwnRows
    doubles?.bringsOwnRows = bringsOwnRows
  }

  /// Whether this step hands out the rows alone that this rank is to move.
  var isOwnRowsOnly: Bool { floats?.isOwnRowsOnly ?? doubles?.isOwnRowsOnly ?? false }

  /// The rows of a rank's last microbatch are noted, and its forward pass begins: what earlier ones alone touched is final.
  func lastMicrobatchBegins() throws {
    // Where microbatches come alone, their sums learn of a microbatch's rows after its backward pass.
    if !accumulation.isAlone { try floats?.start(late: own.rows.slots) }
  }

  /// Sends what may leave by now.
  func advance() throws {
    try floats?.advance()
    try doubles?.advance()
  }

  /// A layer's gradients of one microbatch are there.
  ///
  /// - Parameter overlap: whether to send now what is final now.
  func layerDone(
    _ layer: Int, isFirstMicrobatch: Bool, isLastMicrobatch: Bool, overlap: ExecutionConfiguration.Overlap
  ) throws {
    let isComplete = layer == firstTableLayer
    if isComplete { add(isFirstMicrobatch: isFirstMicrobatch) }
    guard isLastMicrobatch, overlap != .none else { return }
    if !accumulation.isAlone || isComplete {
      try floats?.start()
      try doubles?.start()
    }
    if overlap != .start { try advance() }
    if isComplete {
      try floats?.valuesAreFinal()
      try doubles?.valuesAreFinal()
    }
  }

  private func add(isFirstMicrobatch: Bool) {
    if isFirstMicrobatch {
      sums?.clear()
      floatSums?.clear()
    }
    sums?.accumulate(own)
    floatSums?.accumulate(own)
  }

  /// For a rank that has no microbatch in this step.
  func contributeNothing() {
    own.clear()
    sums?.clear()
    floatSums?.clear()
  }

  /// Blocks until the sums over all ranks are there, and hands them out.
  func finish() throws -> TableGradients {
    if let sums = try doubles?.finish() ?? sums {
      sums.round(into: reduced!)
      return reduced!
    }
    return try (floats?.finish() ?? floatSums)?.tables ?? own
  }
}
