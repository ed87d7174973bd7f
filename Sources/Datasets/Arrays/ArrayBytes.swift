import Buffers
import CZlib
import Foundation

/// The bytes of one array, once from start to end. Throws `DatasetError`.
protocol ArrayBytes: AnyObject {
  /// All of them.
  var byteCount: Int { get }

  /// The next ones, until the next call. No more than there are.
  func next(_ count: Int) throws -> UnsafeRawPointer

  /// To be called when all were taken.
  func requireWhole() throws
}

/// Part of a mapped file.
final class MappedBytes: ArrayBytes {
  let byteCount: Int
  private var part: MappedPart
  /// What they must have, and have so far.
  private var checksum: (expected: UInt32, found: UInt32)?
  private let error: (String) -> DatasetError

  init(
    _ memory: AlignedMemory, _ range: Range<Int>, checksum: UInt32? = nil, error: @escaping (String) -> DatasetError
  ) {
    self.checksum = checksum.map { ($0, 0) }
    self.error = error
    part = MappedPart(memory, range)
    byteCount = range.count
  }

  func next(_ count: Int) throws -> UnsafeRawPointer {
    let start = UnsafeRawPointer(part.start)
    part.take(count)
    if let checksum {
      let found = Checksum.crc32(UnsafeRawBufferPointer(start: start, count: count), after: checksum.found)
      self.checksum = (checksum.expected, found)
    }
    return start
  }

  func requireWhole() throws {
    try LostPages.requireNone()
    if let checksum, checksum.found != checksum.expected { throw error(wrongChecksum) }
  }
}

/// Part of a mapped file that deflate packed.
final class InflatedBytes: ArrayBytes {
  let byteCount: Int
  private var packed: MappedPart
  private var checksum: (expected: UInt32, found: UInt32)
  private let error: (String) -> DatasetError
  private let stream: UnsafeMutablePointer<z_stream>
  private var buffer = AlignedMemory(byteCount: 1 << 12)

  /// zlib counts in 32 bits.
  private static let mostAtOnce = 1 << 30

  init(
    _ memory: AlignedMemory, _ packed: Range<Int>, byteCount: Int, checksum: UInt32,
    error: @escaping (String) -> DatasetError
  ) throws {
    self.packed = MappedPart(memory, packed)
    self.byteCount = byteCount
    self.checksum = (checksum, 0)
    self.error = error
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // Negative: without zlib's or gzip's header.
    guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      stream.deallocate()
      throw error("finds no memory to be unpacked")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func next(_ count: Int) throws -> UnsafeRawPointer {
    if count > buffer.byteCount { buffer = AlignedMemory(byteCount: count) }
    var made = 0
    while made < count {
      let given = min(packed.rest.count, Self.mostAtOnce)
      let room = min(count - made, Self.mostAtOnce)
      stream.pointee.next_in = packed.start.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_in = uInt(given)
      stream.pointee.next_out = (buffer.baseAddress + made).assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = uInt(room)
      let status = inflate(stream, Z_NO_FLUSH)
      let found = room - Int(stream.pointee.avail_out)
      packed.take(given - Int(stream.pointee.avail_in))
      made += found
      guard status == Z_OK || made == count else { throw error("is corrupt or cut short: copy it, or save it again") }
    }
    checksum.found = Checksum.crc32(
      UnsafeRawBufferPointer(start: buffer.baseAddress, count: count), after: checksum.found)
    return UnsafeRawPointer(buffer.baseAddress)
  }

  func requireWhole() throws {
    try LostPages.requireNone()
    if checksum.found != checksum.expected { throw error(wrongChecksum) }
  }
}

private let wrongChecksum = "does not have its checksum: copy it, or save it again"
