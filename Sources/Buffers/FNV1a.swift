/// The hash of Fowler, Noll and Vo in its form 1a with 64 bits (RFC 9923): bytes as a key. It guards against nothing hostile.
public enum FNV1a {
  /// The hash of no bytes.
  public static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  /// - Parameter hash: of the bytes before this one.
  @inlinable
  @inline(__always)
  public static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  /// The hash of a text's UTF-8 bytes.
  public static func hash(_ text: String) -> UInt64 { text.utf8.reduce(start) { hash($0, $1) } }
}
