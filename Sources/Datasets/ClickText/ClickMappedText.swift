import Buffers
import Foundation

/// A text file in memory: mapped, or unpacked.
final class ClickMappedText {
  let path: String
  /// Place of its first byte in all files together.
  let base: Int
  let byteCount: Int
  let splitter: ClickLineSplitter
  private let memory: AlignedMemory

  /// A packed file may take so much memory.
  static let unpackedLimit = 1 << 30

  init(_ path: String, base: Int, _ layout: ClickLineLayout) throws {
    self.path = path
    self.base = base
    if let arrays = layout.arrays {
      (memory, byteCount) = try Self.unpack(ClickArrayText(path, arrays))
    } else {
      let file = try PackedFile(path)
      (memory, byteCount) = try file.packing == .none ? Self.map(path) : Self.unpack(file)
    }
    splitter = ClickLineSplitter(layout)
  }

  private init(_ other: ClickMappedText) {
    path = other.path
    base = other.base
    memory = other.memory
    byteCount = other.byteCount
    splitter = ClickLineSplitter(other.splitter.layout)
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

  private static func map(_ path: String) throws -> (AlignedMemory, Int) {
    let memory = try MappedFile.open(path)
    return (memory, memory.byteCount)
  }

  private static func unpack(_ file: any ClickTextSource) throws -> (AlignedMemory, Int) {
    var memory = AlignedMemory(byteCount: 1 << 22)
    var count = 0
    while true {
      let room = UnsafeMutableRawBufferPointer(start: memory.baseAddress + count, count: memory.byteCount - count)
      let found = try file.read(into: room) {}
      count += found
      if found < room.count { return (memory, count) }
      guard count < unpackedLimit else {
        throw DatasetError(
          file: file.path,
          "more than \(unpackedLimit >> 20) MiB unpacked, too much to train from: unpack it, or use lockstep convert")
      }
      memory = memory.grown()
    }
  }
}
