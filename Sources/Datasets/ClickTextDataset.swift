import Buffers
import Configuration
import Foundation

/// Click data that stay text: lines are parsed when they are read. For comparisons with the binary form, which gives the
/// same samples in the same order and costs no parsing.
public final class ClickTextDataset: Dataset, @unchecked Sendable {
  // Unchecked: the splitters are used by whoever holds the lock; all else is read only.

  public let name: String
  public let count: Int
  public let inputShape: Shape
  public let classes = 2
  public let idFields: IDFields?
  /// With all that was learnt from the training split.
  public let schema: ClickSchema
  public var clickSchema: ClickSchema? { schema }
  public let checksum: UInt32?
  private let encoder: ClickEncoder
  private let files: [ClickMappedText]
  /// Of each row: where it begins in all files together.
  private let starts: [Int]
  /// What to do about a malformed line; nil where all lines were checked.
  private let remedy: String?
  private let lock = NSLock()

  init(
    _ schema: ClickSchema, _ encoder: ClickEncoder, _ files: [ClickMappedText], starts: [Int], limit: Int?,
    remedy: String?
  ) {
    self.schema = schema
    self.encoder = encoder
    self.files = files
    self.starts = starts
    self.remedy = remedy
    name = schema.name
    count = min(limit ?? starts.count, starts.count)
    inputShape = Shape(schema.dense.count)
    idFields = schema.idFields
    checksum = files.reduce(0) { Checksum.crc32($1.bytes, after: $0) }
  }

  public func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    precondition(samples.count <= batch.capacity, "\(samples.count) samples into a batch of \(batch.capacity)")
    precondition(batch.fields == schema.fields.count, "a batch of \(batch.fields) fields for \(schema.fields.count)")
    lock.lock()
    defer { lock.unlock() }
    for (row, sample) in samples.enumerated() {
      precondition(sample >= 0 && sample < count, "sample \(sample) of \(count)")
      let file = files[self.file(of: starts[sample])]
      let splitter = file.splitter
      let line = file.line(at: starts[sample] - file.base)
      splitter.forgetTexts(room: line.count)
      let problem =
        splitter.split(line)
        ?? encoder.encode(
          splitter.texts, label: &batch.labels[row], dense: batch.inputs.pointer + row * schema.dense.count,
          ids: batch.ids.baseAddress! + row * batch.fields)
      if let problem { throw error(problem.words(splitter.layout), file, at: starts[sample] - file.base) }
    }
  }

  private func error(_ problem: String, _ file: ClickMappedText, at start: Int) -> DatasetError {
    guard let remedy else {
      return DatasetError(file: file.path, "the file has changed since it was opened: at byte \(start) \(problem)")
    }
    return DatasetError("\(file.path):\(file.lineNumber(at: start)): \(problem); \(remedy)")
  }

  private func file(of start: Int) -> Int {
    var index = files.count - 1
    while files[index].base > start { index -= 1 }
    return index
  }
}

/// A text file in memory: mapped, or unpacked.
final class ClickMappedText {
  let path: String
  /// Of its first byte in all files together.
  let base: Int
  let byteCount: Int
  let splitter: ClickLineSplitter
  private let memory: AlignedMemory

  /// A packed file may take so much memory.
  static let unpackedLimit = 1 << 30

  init(_ path: String, base: Int, _ layout: ClickLineLayout) throws {
    self.path = path
    self.base = base
    let file = try TextFile(path)
    if file.packing == .none {
      memory = try MappedFile.open(path)
      byteCount = memory.byteCount
    } else {
      (memory, byteCount) = try Self.unpack(file)
    }
    splitter = ClickLineSplitter(layout, room: 1 << 12)
  }

  private init(_ other: ClickMappedText) {
    path = other.path
    base = other.base
    memory = other.memory
    byteCount = other.byteCount
    splitter = ClickLineSplitter(other.splitter.layout, room: 1 << 12)
  }

  /// The same memory with a splitter of its own.
  func copy() -> ClickMappedText { ClickMappedText(self) }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory.baseAddress, count: byteCount) }

  func line(at start: Int) -> TextSpan {
    let text = UnsafePointer(memory.baseAddress.assumingMemoryBound(to: UInt8.self)) + start
    let rest = byteCount - start
    let end = memchr(text, 0x0A, rest).map {
      $0.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(mutating: text)
    }
    return TextSpan(line: text, count: end ?? rest)
  }

  /// From 1. Looks at all that lies before.
  func lineNumber(at start: Int) -> Int {
    UnsafeRawBufferPointer(start: memory.baseAddress, count: start).reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
  }

  private static func unpack(_ file: TextFile) throws -> (AlignedMemory, Int) {
    var memory = AlignedMemory(byteCount: 1 << 22)
    var count = 0
    while true {
      let room = UnsafeMutableRawBufferPointer(start: memory.baseAddress + count, count: memory.byteCount - count)
      let found = try file.read(into: room)
      count += found
      if found < room.count { return (memory, count) }
      guard count < unpackedLimit else {
        throw DatasetError(
          file: file.path,
          "more than \(unpackedLimit >> 20) MiB unpacked, too much to train from: unpack it, or use lockstep convert")
      }
      let larger = AlignedMemory(byteCount: 2 * memory.byteCount)
      larger.baseAddress.copyMemory(from: memory.baseAddress, byteCount: count)
      memory = larger
    }
  }
}
