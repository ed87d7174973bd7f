import Buffers
import Configuration
import Kernels
import Measurement
import MessagePassing

/// Brings the ranks' rows together, each rank's own in one store, the sums of all in another: an all-gather of touched
/// rows, merged in rank order, or an all-reduce of whole tables.
///
/// A step: `start` when the ids are known, `advance` now and then, `valuesAreFinal`, `finish`. Rows whose values are final at
/// the start, the early ones, leave before the late ones. Ranks may come to these at different times, or go to `finish` at
/// once: messages leave in the same order on all of them.
final class RowExchange<Store: RowStore> {
  private typealias Element = Store.Element

  /// How far this step has come.
  private enum Stage { case idle, counting, gatheringIDs, gatheringValues, reducing }

  let own: Store
  let merged: Store
  private let communicator: Communicator
  private let tableRows: Int
  /// Records carry how often each row occurs.
  private let countsOccurrences: Bool
  /// Nil where every step is gathered, and where every step is reduced.
  var costs: TableExchangeCosts?
  private let strategy: ExecutionConfiguration.TableExchange

  private var stage = Stage.idle
  /// This rank's rows in the order in which they leave.
  private var order = DepartureOrder()
  /// Each rank's number of rows, and how many of them are early.
  private let counts: AlignedMemory
  private let idBlocks: Blocks
  private let earlyBlocks: Blocks
  private let lateBlocks: Blocks
  private var ids = AlignedMemory(byteCount: 0)
  /// All early records, rank by rank, and all late ones behind them.
  private var records = AlignedMemory(byteCount: 0)
  private var countRequest: InFlight<Lease<Int>>?
  private var idRequest: InFlight<Lease<Int32>>?
  private var earlyRequest: InFlight<Lease<Element>>?
  private var lateRequest: InFlight<Lease<Element>>?

  private(set) var traffic = TableTraffic()
  /// When this step's first rows left.
  private(set) var firstStart: UInt64?

  init(
    _ own: Store, communicator: Communicator, tableRows: Int, strategy: ExecutionConfiguration.TableExchange,
    countsOccurrences: Bool
  ) throws {
    self.own = own
    merged = own.makeEmpty()
    self.communicator = communicator
    self.tableRows = tableRows
    self.strategy = strategy
    self.countsOccurrences = countsOccurrences
    counts = AlignedMemory(byteCount: 2 * communicator.size * MemoryLayout<Int>.stride)
    let nothing = Array(repeating: 0, count: communicator.size)
    idBlocks = try communicator.blocks(nothing)
    earlyBlocks = try communicator.blocks(nothing)
    lateBlocks = try communicator.blocks(nothing)
  }

  /// Tells the others how many rows this rank has: its ids are final.
  ///
  /// - Parameter late: the numbers of all rows whose values are not, some perhaps more than once; nil for all rows.
  func start(late: UnsafeBufferPointer<Int32>? = nil) throws {
    guard stage == .idle else { return }
    traffic = TableTraffic()
    traffic.touchedRows = own.rows.count
    firstStart = nil
    order.set(rows: own.rows.count, late: late)
    countBuffer[2 * communicator.rank] = own.rows.count
    countBuffer[2 * communicator.rank + 1] = order.early
    countRequest = try communicator.startAllGather(Lease(countBuffer, owner: counts))
    traffic.messages += 1
    stage = .counting
  }

  /// Sends ids and early values as soon as the counts are there, without waiting; gives MPI the chance to progress.
  func advance() throws {
    if stage == .counting, try countRequest!.test() { try countsArrived() }
    guard stage == .gatheringIDs else { return }
    _ = try idRequest!.test()
    _ = try earlyRequest?.test()
  }

  /// Sends the late values if the ids have left.
  func valuesAreFinal() throws {
    if stage == .gatheringIDs { try startLateValues() }
  }

  /// Blocks until the sums are in `merged`.
  func finish() throws {
    try start()
    if stage == .counting { try countsArrived() }
    try valuesAreFinal()
    if stage == .gatheringValues { try mergeGathered() } else { try reduce() }
    traffic.mergedRows = merged.rows.count
    stage = .idle
  }

  private func countsArrived() throws {
    _ = try countRequest.take()!.wait()
    let total = (0..<communicator.size).reduce(0) { $0 + rows(of: $1) }
    let gathers = costs?.gathers(rows: total, tableRows: tableRows) ?? (strategy != .dense)
    guard gathers else {
      stage = .reducing
      return
    }
    try startIDs()
    try startEarlyValues()
  }

  // Sparse.

  /// Elements of a record on its way.
  private var stride: Int { own.width + (countsOccurrences ? 1 : 0) }

  private func startIDs() throws {
    try communicator.divide(idBlocks) { rows(of: $0) }
    Self.reserve(&ids, idBlocks.total * MemoryLayout<Int32>.stride)
    let (own, block) = (own.rows.ids, idBlocks.range(of: communicator.rank).lowerBound)
    for place in own.indices { idBuffer[block + place] = own[order[place]] }
    firstStart = MonotonicClock.now()
    idRequest = try communicator.startAllGather(Lease(idBuffer, owner: ids), idBlocks)
    traffic.sparseSteps = 1
    traffic.sparseBytes += own.count * MemoryLayout<Int32>.stride
    traffic.messages += 1
    stage = .gatheringIDs
  }

  private func startEarlyValues() throws {
    try communicator.divide(earlyBlocks) { earlyRows(of: $0) * stride }
    try communicator.divide(lateBlocks) { (rows(of: $0) - earlyRows(of: $0)) * stride }
    Self.reserve(&records, (earlyBlocks.total + lateBlocks.total) * MemoryLayout<Element>.stride)
    if earlyBlocks.total > 0 { earlyRequest = try gather(0..<order.early, earlyBlocks, at: earlyRecords) }
  }

  private func startLateValues() throws {
    lateRequest = try gather(order.early..<own.rows.count, lateBlocks, at: lateRecords)
    stage = .gatheringValues
  }

  /// - Parameter places: of this rank's rows, in the order in which they leave.
  private func gather(_ places: Range<Int>, _ blocks: Blocks, at start: UnsafeMutablePointer<Element>) throws
    -> InFlight<Lease<Element>>
  {
    let block = start + blocks.range(of: communicator.rank).lowerBound
    let numbers = order.numbers(places)
    own.copy(numbers, to: RowLoops.Rows(block, stride: stride))
    if countsOccurrences {
      let occurrences = own.rows.occurrences
      for index in numbers.indices { block[index * stride + own.width] = Element(occurrences[Int(numbers[index])]) }
    }
    traffic.sparseBytes += numbers.count * stride * MemoryLayout<Element>.stride
    traffic.messages += 1
    return try communicator.startAllGather(
      Lease(UnsafeMutableBufferPointer(start: start, count: blocks.total), owner: records), blocks)
  }

  /// Adds up in rank order, so the sums are the same bits everywhere. Ids are merged while values may still move.
  private func mergeGathered() throws {
    _ = try idRequest.take()!.wait()
    merged.clear()
    merged.rows.touch(all: UnsafeBufferPointer(idBuffer))
    _ = try earlyRequest.take()?.wait()
    _ = try lateRequest.take()!.wait()
    for rank in 0..<communicator.size {
      let slots = merged.rows.slots.extracting(idBlocks.range(of: rank))
      let early = earlyRows(of: rank)
      add(earlyRecords + earlyBlocks.range(of: rank).lowerBound, to: slots.extracting(..<early))
      add(lateRecords + lateBlocks.range(of: rank).lowerBound, to: slots.extracting(early...))
    }
  }

  private func add(_ records: UnsafeMutablePointer<Element>, to slots: UnsafeBufferPointer<Int32>) {
    merged.add(RowLoops.Rows(records, stride: stride), to: slots)
    guard countsOccurrences else { return }
    for index in slots.indices {
      merged.rows.addOccurrences(Int32(records[index * stride + own.width]) - 1, to: Int(slots[index]))
    }
  }

  // Dense.

  /// A record for every row of the tables, how often it occurs behind it: rows that do not occur have no gradient.
  private func reduce() throws {
    let stride = own.width + 1
    let count = tableRows * stride
    Self.reserve(&records, count * MemoryLayout<Element>.stride, exactly: true)
    let all = UnsafeMutableBufferPointer(start: recordPointer, count: count)
    all.update(repeating: 0)
    own.copy(nil, to: RowLoops.Rows(recordPointer, stride: stride, places: own.rows.ids.baseAddress))
    for (id, times) in zip(own.rows.ids, own.rows.occurrences) {
      recordPointer[Int(id) * stride + own.width] = Element(times)
    }
    firstStart = MonotonicClock.now()
    try communicator.allReduce(inPlace: all.mutableSpan, .sum)
    traffic.denseSteps = 1
    traffic.denseBytes += count * MemoryLayout<Element>.stride
    traffic.messages += 1
    merged.clear()
    for row in 0..<tableRows where recordPointer[row * stride + own.width] > 0 {
      _ = merged.rows.touch(Int32(truncatingIfNeeded: row), times: Int32(recordPointer[row * stride + own.width]))
    }
    merged.addInOrder(RowLoops.Rows(recordPointer, stride: stride, places: merged.rows.ids.baseAddress))
  }

  // Memory.

  private func rows(of rank: Int) -> Int { countBuffer[2 * rank] }
  private func earlyRows(of rank: Int) -> Int { countBuffer[2 * rank + 1] }

  private var countBuffer: UnsafeMutableBufferPointer<Int> {
    .init(start: counts.baseAddress.assumingMemoryBound(to: Int.self), count: 2 * communicator.size)
  }

  private var idBuffer: UnsafeMutableBufferPointer<Int32> {
    .init(start: ids.baseAddress.assumingMemoryBound(to: Int32.self), count: idBlocks.total)
  }

  private var recordPointer: UnsafeMutablePointer<Element> {
    records.baseAddress.assumingMemoryBound(to: Element.self)
  }
  private var earlyRecords: UnsafeMutablePointer<Element> { recordPointer }
  private var lateRecords: UnsafeMutablePointer<Element> { recordPointer + earlyBlocks.total }

  /// Old contents are lost. Memory grows by an eighth more than is asked for, so that steps of about the same size soon
  /// need no more.
  private static func reserve(_ memory: inout AlignedMemory, _ bytes: Int, exactly: Bool = false) {
    if memory.byteCount < bytes { memory = AlignedMemory(byteCount: exactly ? bytes : bytes + bytes / 8) }
  }
}
