import Buffers
import Kernels
import Measurement
import MessagePassing
import Watch

/// Adds up gradient rows of a host's ranks in memory that all of them see, for steps in which each rank needs only the rows that it is to
/// move. Each row has one owner: other ranks that touched it put theirs where the owner finds them, and then forget them.
///
/// Ids and rows go a stretch at a time, the next when all ranks have read the last one. Ranks may come at different times: counters that
/// only rise say how far each is.
final class NodeRows<Store: RowStore> {
  /// This rank's rows; after `finish` the sums of those that it is to move.
  let own: Store
  private let memory: SharedMemory
  private let owners: RowOwners
  /// Of each rank of the host.
  private let stretches: [RowStretch<Store.Element>]
  private var owned: OwnedRows
  /// Stretches since the beginning.
  private var put = 0
  private var mark: Activity.Mark?
  /// This rank's, before it got others'.
  private(set) var touchedRows = 0
  /// Ids and rows that this rank put where others find them.
  private(set) var byteCount = 0
  /// When this rank's ids were known.
  private(set) var firstStart: UInt64?

  private init(_ own: Store, in memory: SharedMemory, rows: Int, owners: RowOwners) {
    (self.own, self.memory, self.owners) = (own, memory, owners)
    stretches = memory.parts.map { RowStretch($0, rows: rows, width: own.width, owners: owners.count) }
    owned = OwnedRows(owners, rank: memory.node.rank, stretch: rows)
  }

  /// Nil, on all ranks alike, where ranks share no memory. Collective; throws `MPIError`.
  ///
  /// - Returns: also the ranks of other hosts that move the same rows; nil where there is one host.
  static func make(_ own: Store, by communicator: Communicator, _ owners: RowOwners, tableRows: Int) throws -> (
    rows: NodeRows, across: Communicator?
  )? {
    let count = RowStretch<Store.Element>.usualRows(width: own.width, tableRows: tableRows)
    let bytes = RowStretch<Store.Element>.bytes(rows: count, width: own.width, owners: owners.count)
    guard let memory = try SharedMemory.make(byteCount: bytes, by: communicator, node: owners.node) else { return nil }
    return (NodeRows(own, in: memory, rows: count, owners: owners), memory.across)
  }

  /// Ranks of the host.
  var ranks: Int { owners.count }

  /// This rank's ids are known: who must know them finds the first of them. Throws `MPIError`.
  func start() throws {
    guard mark == nil else { return }
    mark = memory.begin(bytes: own.rows.count * MemoryLayout<Int32>.stride)
    firstStart = MonotonicClock.now()
    (touchedRows, byteCount) = (own.rows.count, 0)
    owned.begin(own.rows.ids)
    if owners.rule == .touches { try putIDs(round: 0) }
  }

  /// Blocks until this rank's rows are the sums of those that it is to move. Throws `MPIError`.
  func finish() throws {
    try start()
    if owners.rule == .touches {
      try inRounds(put: { if $0 > 0 { try putIDs(round: $0) } }, take: learn)
    }
    owned.listOthers()
    try inRounds(put: putRows, take: add)
    own.remove(owned.others)
    mark = nil
  }

  /// All ranks put a stretch, and all read those of the others, until none has more.
  private func inRounds(put: (Int) throws -> Void, take: (_ rank: Int, RowStretch<Store.Element>) -> Void) throws {
    var (round, rounds) = (0, 1)
    while round < rounds {
      try put(round)
      try wait(for: .ready)
      rounds = stretches.reduce(1) { max($0, $1.rounds) }
      for (rank, stretch) in stretches.enumerated() where rank != memory.node.rank { take(rank, stretch) }
      memory.reach(.summed, self.put)
      round += 1
    }
  }

  private func wait(for stage: SharedMemory.Stage) throws {
    try memory.wait(for: mark!) { memory.haveAllReached(stage, put) }
  }

  private func putStretch(of count: Int, round: Int, _ body: (RowStretch<Store.Element>, Range<Int>) -> Void) throws {
    try wait(for: .summed)
    let stretch = stretches[memory.node.rank]
    stretch.header[0] = count
    body(stretch, min(round * stretch.rows, count)..<min((round + 1) * stretch.rows, count))
    put += 1
    memory.reach(.ready, put)
  }

  private func putIDs(round: Int) throws {
    try putStretch(of: touchedRows, round: round) { stretch, rows in
      stretch.header[1] = rows.count
      stretch.ids.update(from: own.rows.ids.baseAddress! + rows.lowerBound, count: rows.count)
      byteCount += rows.count * MemoryLayout<Int32>.stride
    }
  }

  /// Which of this rank's rows another one touched too.
  private func learn(_ rank: Int, _ stretch: RowStretch<Store.Element>) {
    owned.learn(that: rank, touched: UnsafeBufferPointer(start: stretch.ids, count: stretch.header[1]), own.rows)
  }

  private func putRows(round: Int) throws {
    try putStretch(of: owned.others.count, round: round) { stretch, places in
      let numbers = owned.sort(places, starts: stretch.starts)
      let (ids, occurrences) = (own.rows.ids, own.rows.occurrences)
      for place in numbers.indices {
        stretch.ids[place] = ids[Int(numbers[place])]
        stretch.occurrences[place] = occurrences[Int(numbers[place])]
      }
      own.copy(numbers, to: RowLoops.Rows(stretch.records, stride: own.width))
      byteCount += numbers.count * RowStretch<Store.Element>.bytesPerRow(width: own.width)
    }
  }

  /// What another rank has for this one.
  private func add(_: Int, _ stretch: RowStretch<Store.Element>) {
    let rows = stretch.rows(of: memory.node.rank)
    own.rows.touch(all: UnsafeBufferPointer(start: stretch.ids + rows.lowerBound, count: rows.count))
    let slots = own.rows.slots
    own.add(RowLoops.Rows(stretch.records + rows.lowerBound * own.width, stride: own.width), to: slots)
    let occurrences = stretch.occurrences + rows.lowerBound
    for index in slots.indices { own.rows.addOccurrences(occurrences[index] - 1, to: Int(slots[index])) }
  }
}

/// Some rows of a rank in its part of shared memory: ids, how often each occurs, and records; or ids alone.
private struct RowStretch<Element> {
  /// Rows for which there is room.
  let rows: Int
  /// How many the rank has in all, and behind that where those of each owner start here, and the end.
  let header: UnsafeMutablePointer<Int>
  let ids: UnsafeMutablePointer<Int32>
  let occurrences: UnsafeMutablePointer<Int32>
  let records: UnsafeMutablePointer<Element>

  init(_ memory: AlignedMemory, rows: Int, width: Int, owners: Int) {
    self.rows = rows
    header = memory.baseAddress.assumingMemoryBound(to: Int.self)
    let keys = memory.baseAddress + Self.headerBytes(owners: owners)
    ids = keys.assumingMemoryBound(to: Int32.self)
    occurrences = (keys + Self.keyBytes(rows: rows)).assumingMemoryBound(to: Int32.self)
    records = (keys + 2 * Self.keyBytes(rows: rows)).assumingMemoryBound(to: Element.self)
  }

  /// Stretches that the rank's rows take.
  var rounds: Int { (header[0] + rows - 1) / rows }

  var starts: UnsafeMutablePointer<Int> { header + 1 }

  func rows(of owner: Int) -> Range<Int> { starts[owner]..<starts[owner + 1] }

  /// A stretch lies near the processor, and yet a step has few of them.
  static func usualRows(width: Int, tableRows: Int) -> Int {
    max(1, min(tableRows, (2 << 20) / bytesPerRow(width: width)))
  }

  static func bytesPerRow(width: Int) -> Int { 2 * MemoryLayout<Int32>.stride + width * MemoryLayout<Element>.stride }

  static func bytes(rows: Int, width: Int, owners: Int) -> Int {
    headerBytes(owners: owners) + 2 * keyBytes(rows: rows) + rows * width * MemoryLayout<Element>.stride
  }

  private static func headerBytes(owners: Int) -> Int { wholeLines((owners + 2) * MemoryLayout<Int>.stride) }
  private static func keyBytes(rows: Int) -> Int { wholeLines(rows * MemoryLayout<Int32>.stride) }

  private static func wholeLines(_ bytes: Int) -> Int {
    (bytes + AlignedMemory.alignment - 1) / AlignedMemory.alignment * AlignedMemory.alignment
  }
}
