import Buffers
import CZlib

/// Unpacking gzip (RFC 1952), in one go and checked against its own checksum.
enum Gzip {
  static func isGzip(_ packed: AlignedMemory) -> Bool { startsMember(packed, at: 0) }

  /// Throws `DatasetError`, naming `file`, where the data is corrupt, cut short or followed by something else.
  static func unpack(_ packed: AlignedMemory, file: String) throws -> AlignedMemory {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let gzipOnly: Int32 = 16 + MAX_WBITS
    guard inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw DatasetError(file: file, "no memory to unpack the file")
    }
    defer { inflateEnd(stream) }
    var output = AlignedMemory(byteCount: firstRoom(packed))
    var position = 0
    var produced = 0
    while true {
      if produced == output.byteCount { output = grown(output) }
      let status = step(stream, packed, &position, output, &produced)
      try UnpackedSize.require(produced, from: packed.byteCount, file)
      if status == Z_STREAM_END {
        if position == packed.byteCount { return prefix(output, produced) }
        guard startsMember(packed, at: position), inflateReset(stream) == Z_OK else {
          throw error(file, position, "\(packed.byteCount - position) bytes follow the end of the gzip data")
        }
      } else if position == packed.byteCount, status == Z_BUF_ERROR || (status == Z_OK && produced < output.byteCount) {
        throw error(file, position, "the gzip data ends too early")
      } else if status != Z_OK && status != Z_BUF_ERROR {
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
        throw error(file, position, "the gzip data is corrupt (\(reason))")
      }
    }
  }

  /// One call of zlib, whose counts are 32 bits wide.
  private static func step(
    _ stream: UnsafeMutablePointer<z_stream>, _ packed: AlignedMemory, _ position: inout Int, _ output: AlignedMemory,
    _ produced: inout Int
  ) -> Int32 {
    let input = uInt(min(packed.byteCount - position, 1 << 30))
    let room = uInt(min(output.byteCount - produced, 1 << 30))
    stream.pointee.next_in = (packed.baseAddress + position).assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = input
    stream.pointee.next_out = (output.baseAddress + produced).assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = room
    let status = inflate(stream, Z_NO_FLUSH)
    position += Int(input - stream.pointee.avail_in)
    produced += Int(room - stream.pointee.avail_out)
    return status
  }

  /// What images usually need. More is taken as data comes: the size that a file states in its last four bytes may be
  /// anything.
  private static func firstRoom(_ packed: AlignedMemory) -> Int { 1024 + 4 * packed.byteCount }

  private static func startsMember(_ packed: AlignedMemory, at position: Int) -> Bool {
    packed.byteCount >= position + 2 && packed.bytes[position] == 0x1F && packed.bytes[position + 1] == 0x8B
  }

  private static func grown(_ memory: AlignedMemory) -> AlignedMemory {
    let larger = AlignedMemory(byteCount: memory.byteCount * 2)
    larger.baseAddress.copyMemory(from: memory.baseAddress, byteCount: memory.byteCount)
    return larger
  }

  private static func prefix(_ memory: AlignedMemory, _ byteCount: Int) -> AlignedMemory {
    AlignedMemory(borrowing: memory.baseAddress, byteCount: byteCount, owner: memory)
  }

  private static func error(_ file: String, _ offset: Int, _ problem: String) -> DatasetError {
    DatasetError(file: file, "\(problem), at byte \(offset) of the file: copy or download it again")
  }
}
