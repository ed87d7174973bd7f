import Buffers
import Configuration
import Kernels
import Measurement
import MessagePassing

/// Brings the ranks' rows together, each rank's own in one store, the sums of all in another: an all-gather of touched
/// rows, merged in rank order, or an all-reduce of whole tables.
///
/// A step: `start` when the ids are known, `advance` now and then, `valuesAreFinal`, `finish`. Ranks may come to these at
/// different times, or go to `finish` at once: messages leave in the same order on all of them.
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
  /// Each rank's number of rows.
  private let counts: AlignedMemory
  private let idBlocks: Blocks
  private let valueBlocks: Blocks
  private var ids = AlignedMemory(byteCount: 0)
  private var records = AlignedMemory(byteCount: 0)
  private var countRequest: InFlight<Lease<Int>>?
  private var idRequest: InFlight<Lease<Int32>>?
  private var valueRequest: InFlight<Lease<Element>>?

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
    counts = AlignedMemory(byteCount: communicator.size * MemoryLayout<Int>.stride)
    idBlocks = try communicator.blocks(Array(repeating: 0, count: communicator.size))
    valueBlocks = try communicator.blocks(Array(repeating: 0, count: communicator.size))
  }

  /// Tells the others how many rows this rank has: its ids are final.
  func start() throws {
    guard stage == .idle else { return }
    traffic = TableTraffic()
    traffic.touchedRows = own.rows.count
    firstStart = nil
    countBuffer[communicator.rank] = own.rows.count
    countRequest = try communicator.startAllGather(Lease(countBuffer, owner: counts))
    traffic.messages += 1
    stage = .counting
  }

  /// Sends the ids as soon as the counts are there, without waiting; gives MPI the chance to progress.
  func advance() throws {
    if stage == .counting, try countRequest!.test() { try countsArrived() }
    if stage == .gatheringIDs { _ = try idRequest!.test() }
  }

  /// Sends the values if the ids have left.
  func valuesAreFinal() throws {
    if stage == .gatheringIDs { try startValues() }
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
    let total = countBuffer.reduce(0, +)
    let gathers = costs?.gathers(rows: total, tableRows: tableRows) ?? (strategy != .dense)
    if gathers { try startIDs() } else { stage = .reducing }
  }

  // Sparse.

  /// Elements of a record on its way.
  private var stride: Int { own.width + (countsOccurrences ? 1 : 0) }

  private func startIDs() throws {
    let counts = countBuffer
    try communicator.divide(idBlocks) { counts[$0] }
    Self.reserve(&ids, idBlocks.total * MemoryLayout<Int32>.stride)
    _ = UnsafeMutableBufferPointer(rebasing: idBuffer[idBlocks.range(of: communicator.rank)])
      .update(fromContentsOf: own.rows.ids)
    firstStart = MonotonicClock.now()
    idRequest = try communicator.startAllGather(Lease(idBuffer, owner: ids), idBlocks)
    traffic.sparseSteps = 1
    traffic.sparseBytes += own.rows.count * MemoryLayout<Int32>.stride
    traffic.messages += 1
    stage = .gatheringIDs
  }

  private func startValues() throws {
    let (counts, stride) = (countBuffer, stride)
    try communicator.divide(valueBlocks) { counts[$0] * stride }
    Self.reserve(&records, valueBlocks.total * MemoryLayout<Element>.stride)
    let block = recordPointer + valueBlocks.range(of: communicator.rank).lowerBound
    own.copy(to: RowLoops.Rows(block, stride: stride))
    if countsOccurrences { writeOccurrences(to: block + own.width, stride) }
    valueRequest = try communicator.startAllGather(
      Lease(UnsafeMutableBufferPointer(start: recordPointer, count: valueBlocks.total), owner: records), valueBlocks)
    traffic.sparseBytes += own.rows.count * stride * MemoryLayout<Element>.stride
    traffic.messages += 1
    stage = .gatheringValues
  }

  /// Adds up in rank order, so the sums are the same bits everywhere. Ids are merged while values may still move.
  private func mergeGathered() throws {
    _ = try idRequest.take()!.wait()
    merged.clear()
    merged.rows.touch(all: UnsafeBufferPointer(idBuffer))
    _ = try valueRequest.take()!.wait()
    let slots = merged.rows.slots
    merged.add(RowLoops.Rows(recordPointer, stride: stride), to: slots)
    guard countsOccurrences else { return }
    for index in slots.indices {
      merged.rows.addOccurrences(Int32(recordPointer[index * stride + own.width]) - 1, to: Int(slots[index]))
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
    own.copy(to: RowLoops.Rows(recordPointer, stride: stride, places: own.rows.ids.baseAddress))
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

  private func writeOccurrences(to column: UnsafeMutablePointer<Element>, _ stride: Int) {
    let occurrences = own.rows.occurrences
    for number in occurrences.indices { column[number * stride] = Element(occurrences[number]) }
  }

  private var countBuffer: UnsafeMutableBufferPointer<Int> {
    .init(start: counts.baseAddress.assumingMemoryBound(to: Int.self), count: communicator.size)
  }

  private var idBuffer: UnsafeMutableBufferPointer<Int32> {
    .init(start: ids.baseAddress.assumingMemoryBound(to: Int32.self), count: idBlocks.total)
  }

  private var recordPointer: UnsafeMutablePointer<Element> {
    records.baseAddress.assumingMemoryBound(to: Element.self)
  }

  /// Old contents are lost. Memory grows by an eighth more than is asked for, so that steps of about the same size soon
  /// need no more.
  private static func reserve(_ memory: inout AlignedMemory, _ bytes: Int, exactly: Bool = false) {
    if memory.byteCount < bytes { memory = AlignedMemory(byteCount: exactly ? bytes : bytes + bytes / 8) }
  }
}
