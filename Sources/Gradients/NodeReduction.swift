import Buffers
import MessagePassing
import Watch

/// Adds up gradients of a host's ranks where they lie, in memory that all of them see: each rank adds up its slice of a bucket, out of all
/// arenas and into all of them, in rank order. Between hosts only ranks of one number talk, about their slice.
///
/// Where each rank needs its own slice only, the others' arenas do not get it, but for what lies behind the gradients.
///
/// Buckets are summed in the order in which they start, which is the same on all ranks.
final class NodeReduction<Element: NodeSummand>: SlicedReduction {
  /// Elements that are added up at once: as many as lie near the processor.
  private static var chunk: Int { 2048 }

  private let memory: SharedMemory
  /// Of the host's ranks.
  private let arenas: [UnsafeMutablePointer<Element>]
  private let sums: AlignedMemory
  /// Gradients; what is told to all lies behind them.
  private let gradients: Range<Int>
  /// This rank's part of each bucket.
  private var slices: [Range<Int>] = []
  private(set) var ownParts: [Range<Int>] = []
  var keepsSlices = false
  /// These, on their way between hosts; none where there is one host.
  private var travelling: [LeasedBucket<Element>] = []
  /// Buckets since the beginning: handed over by this rank, added up of the host, and on their way back to all of it.
  private var started = 0
  private var added = 0
  private var spread = 0
  /// Buckets before this step's first one.
  private var before = 0

  /// - Parameters:
  ///   - memory: whose parts are the ranks' arenas.
  ///   - gradients: how many elements of each are.
  init(_ memory: SharedMemory, gradients: Int) {
    self.memory = memory
    self.gradients = 0..<gradients
    arenas = memory.parts.map { $0.baseAddress.assumingMemoryBound(to: Element.self) }
    sums = AlignedMemory(byteCount: Self.chunk * MemoryLayout<Element>.stride)
  }

  func cut(_ ranges: [Range<Int>]) -> [any Bucket] {
    slices = ranges.map { NodeShare(memory).part(of: $0) }
    ownParts = slices.map { $0.clamped(to: gradients) }
    travelling = []
    if memory.across != nil { travelling = slices.map { LeasedBucket(lease($0)) } }
    return ranges.indices.map { SharedBucket(self, $0, byteCount: ranges[$0].count * MemoryLayout<Element>.stride) }
  }

  private func lease(_ slice: Range<Int>) -> Lease<Element> {
    let own = memory.parts[memory.node.rank]
    return Lease(
      UnsafeMutableBufferPointer(start: arenas[memory.node.rank] + slice.lowerBound, count: slice.count), owner: own)
  }

  /// - Returns: how many have started until now, this one among them.
  func start(_ bucket: Int) -> Int {
    if bucket == 0 { before = started }
    started += 1
    memory.reach(.ready, started)
    return started
  }

  /// Does what there is to do, and waits for nothing. Throws `MPIError`.
  func advance() throws {
    while added < started, memory.haveAllReached(.ready, added + 1) {
      try add(added - before)
      added += 1
      if memory.across == nil { finishOldest() }
    }
    while spread < added, try travelling[spread - before].test() {
      try travelling[spread - before].finish()
      copyToOthers(forOthers(slices[spread - before]))
      finishOldest()
    }
  }

  private func finishOldest() {
    spread += 1
    memory.reach(.summed, spread)
  }

  func isThere(_ count: Int) -> Bool { memory.haveAllReached(.summed, count) }

  func begin(byteCount: Int) -> Activity.Mark { memory.begin(bytes: byteCount) }

  /// Blocks until so many are there.
  func wait(for count: Int, _ mark: Activity.Mark) throws {
    try memory.wait(for: mark) {
      try advance()
      return isThere(count)
    }
  }

  private func add(_ bucket: Int) throws {
    let (slice, own) = (slices[bucket], memory.node.rank)
    let others = memory.across == nil ? forOthers(slice) : slice.upperBound..<slice.upperBound
    addUp(slice.lowerBound..<others.lowerBound, into: own..<own + 1)
    addUp(others, into: arenas.indices)
    if let across = memory.across { try travelling[bucket].start(on: across) }
  }

  private func addUp(_ slice: Range<Int>, into targets: Range<Int>) {
    let sums = sums.baseAddress.assumingMemoryBound(to: Element.self)
    var start = slice.lowerBound
    while start < slice.upperBound {
      let count = min(Self.chunk, slice.upperBound - start)
      Element.add(arenas[0] + start, arenas[1] + start, into: sums, count)
      for arena in arenas.dropFirst(2) { Element.add(sums, arena + start, into: sums, count) }
      for target in targets { (arenas[target] + start).update(from: sums, count: count) }
      start += count
    }
  }

  /// What of a slice all ranks of the host get.
  private func forOthers(_ slice: Range<Int>) -> Range<Int> {
    guard keepsSlices else { return slice }
    return min(max(gradients.upperBound, slice.lowerBound), slice.upperBound)..<slice.upperBound
  }

  private func copyToOthers(_ slice: Range<Int>) {
    let own = memory.node.rank
    for rank in arenas.indices where rank != own {
      (arenas[rank] + slice.lowerBound).update(from: arenas[own] + slice.lowerBound, count: slice.count)
    }
  }
}

/// Brings to each rank of a host what it is to move.
protocol SlicedReduction: AnyObject {
  /// A bucket for each range, from the next step on; the same on all ranks.
  func cut(_ ranges: [Range<Int>]) -> [any Bucket]
  /// Whether, in the step that begins, a rank gets its own slices of gradients only. The same on all ranks.
  var keepsSlices: Bool { get set }
  /// This rank's slices of gradients.
  var ownParts: [Range<Int>] { get }
}

/// A bucket that never leaves its host as a whole.
private final class SharedBucket<Element: NodeSummand>: Bucket {
  private let reduction: NodeReduction<Element>
  private let index: Int
  private let byteCount: Int
  private var mark: Activity.Mark?
  /// Its number since the beginning.
  private var number = 0

  init(_ reduction: NodeReduction<Element>, _ index: Int, byteCount: Int) {
    (self.reduction, self.index, self.byteCount) = (reduction, index, byteCount)
  }

  func start(on communicator: Communicator) throws {
    mark = reduction.begin(byteCount: byteCount)
    number = reduction.start(index)
  }

  func test() throws -> Bool {
    try reduction.advance()
    return reduction.isThere(number)
  }

  func finish() throws {
    guard let mark else { return }
    try reduction.wait(for: number, mark)
    self.mark = nil
  }
}

/// What ranks add up. Each kind has a loop of its own: a bucket is called without its kind being known, and what is compiled for any
/// kind takes many times as long.
protocol NodeSummand: MessageElement {
  /// z = x + y; z may be x.
  static func add(_ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, into z: UnsafeMutablePointer<Self>, _ count: Int)
}

extension Float: NodeSummand {
  static func add(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for index in 0..<count { z[index] = x[index] + y[index] }
  }
}

extension Double: NodeSummand {
  static func add(
    _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    for index in 0..<count { z[index] = x[index] + y[index] }
  }
}
