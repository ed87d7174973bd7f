import CXZ
import Foundation

/// The .xz format, one stream after the other.
final class XZUnpacker: Unpacker {
  let path: String
  let kind = "xz"
  private(set) var isAtBoundary = false
  private let stream: UnsafeMutablePointer<lzma_stream>

  /// A file says itself how much memory it needs. That of `xz -9` is a quarter of this.
  private static let mostMemory: UInt64 = 256 << 20

  /// LZMA_CONCATENATED, a macro that Swift does not see.
  private static let concatenated: UInt32 = 0x08

  init(_ path: String) throws {
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    guard lzma_stream_decoder(stream, Self.mostMemory, Self.concatenated) == LZMA_OK else {
      stream.deallocate()
      throw DatasetError(file: path, "no memory to unpack the file")
    }
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  func unpack(_ input: UnsafeRawBufferPointer, isLast: Bool, into output: UnsafeMutableRawBufferPointer) throws -> (
    taken: Int, made: Int
  ) {
    if isAtBoundary { return (0, 0) }
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = input.count
    stream.pointee.next_out = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = output.count
    let status = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
    isAtBoundary = status == LZMA_STREAM_END
    let made = output.count - stream.pointee.avail_out
    switch status {
    case LZMA_OK, LZMA_STREAM_END: break
    case LZMA_BUF_ERROR where made == 0: break
    case LZMA_MEM_ERROR: throw DatasetError(file: path, "no memory to unpack the file")
    case LZMA_MEMLIMIT_ERROR:
      throw DatasetError(
        file: path,
        "unpacking it needs \(lzma_memusage(stream) >> 20) MiB, more than \(Self.mostMemory >> 20): pack it again with xz -9 or "
          + "less, or unpack it first")
    default: throw error("is corrupt (liblzma error \(status.rawValue))")
    }
    return (input.count - stream.pointee.avail_in, made)
  }
}
