/// The cyclic redundancy check of Castagnoli's polynomial, as RFC 3720 (appendix B.4) has it: bits reflected, all ones before and
/// after. zlib's CRC-32 is another polynomial's.
package enum CRC32C {
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// The remainder of each byte.
  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? polynomial : 0) }
  }

  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { rest, byte in rest >> 8 ^ remainders[Int((rest ^ UInt32(byte)) & 0xFF)] }
  }

  /// As TensorFlow's records carry it, so that the checksum of data which hold a checksum is none of the usual ones:
  /// `masked_crc` in tensorflow/core/lib/hash/crc32c.h.
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let checksum = checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}
