/// The first page of a native file, written independently of what reads it.
enum HeaderBytes {
  static func file(_ schema: String, version: UInt32) -> [UInt8] {
    let schema = Array(schema.utf8)
    var bytes: [UInt8] = [0x89] + Array("LSTEP\r\n".utf8)
    for word in [version, UInt32(schema.count), crc32(schema)] { bytes += littleEndian(word) }
    bytes += [UInt8](repeating: 0, count: 60 - bytes.count)
    bytes += littleEndian(crc32(bytes))
    bytes += schema
    return bytes + [UInt8](repeating: 0, count: 4096 - bytes.count)
  }

  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
