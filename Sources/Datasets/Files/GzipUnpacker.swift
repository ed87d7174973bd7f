import CZlib
import Foundation

/// gzip (RFC 1952), one member after the other; zeros behind the last one, as tapes and object stores leave them, are passed
/// over, as gzip itself does.
final class GzipUnpacker: Unpacker {
  let path: String
  let kind = "gzip"
  private(set) var isAtBoundary = false
  private var isPadded = false
  private let stream: UnsafeMutablePointer<z_stream>

  init(_ path: String) throws {
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let gzipOnly: Int32 = 16 + MAX_WBITS
    guard inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      stream.deallocate()
      throw DatasetError(file: path, "no memory to unpack the file")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func unpack(_ input: UnsafeRawBufferPointer, isLast: Bool, into output: UnsafeMutableRawBufferPointer) throws -> (
    taken: Int, made: Int
  ) {
    if input.isEmpty { return (0, 0) }
    if isAtBoundary {
      let zeros = input.prefix { $0 == 0 }.count
      if zeros > 0 {
        isPadded = true
        return (zeros, 0)
      }
      guard !isPadded, input[0] == 0x1F, inflateReset(stream) == Z_OK else { throw error("is followed by other bytes") }
      isAtBoundary = false
    }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress!.assumingMemoryBound(to: Bytef.self))
    // Its counts have 32 bits.
    let given = min(input.count, 1 << 30)
    stream.pointee.avail_in = uInt(given)
    stream.pointee.next_out = output.baseAddress!.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = uInt(min(output.count, 1 << 30))
    let room = Int(stream.pointee.avail_out)
    let status = inflate(stream, Z_NO_FLUSH)
    isAtBoundary = status == Z_STREAM_END
    guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else {
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
      throw error("is corrupt (\(reason))")
    }
    return (given - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out))
  }
}
