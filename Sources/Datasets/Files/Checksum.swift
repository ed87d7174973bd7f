import CZlib

enum Checksum {
  /// CRC-32 as zlib, gzip and PNG have it.
  ///
  /// - Parameter earlier: of the bytes before these; 0 where there are none.
  static func crc32(_ bytes: UnsafeRawBufferPointer, after earlier: UInt32 = 0) -> UInt32 {
    UInt32(crc32_z(uLong(earlier), bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
  }

  static func crc32(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt32 { crc32(UnsafeRawBufferPointer(rebasing: bytes)) }

  static func crc32(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32($0) } }
}
