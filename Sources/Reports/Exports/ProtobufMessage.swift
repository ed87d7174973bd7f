/// A message in Protocol Buffers' wire format (protobuf.dev, "Encoding"), field by field. Readers take a field that is not there as
/// 0 or empty.
package struct ProtobufMessage {
  package private(set) var bytes: [UInt8] = []

  /// Empty.
  package init() {}

  private enum WireType: UInt64 { case varint = 0, fixed64 = 1, length = 2, fixed32 = 5 }

  /// Of `int32`, `int64`, `bool` and enumerations.
  package mutating func add(_ field: UInt64, _ value: Int) {
    addTag(field, .varint)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  package mutating func add(_ field: UInt64, _ value: Double) {
    addTag(field, .fixed64)
    bytes += value.bitPattern.littleEndianBytes
  }

  package mutating func add(_ field: UInt64, _ value: Float) {
    addTag(field, .fixed32)
    bytes += value.bitPattern.littleEndianBytes
  }

  package mutating func add(_ field: UInt64, _ text: String) { add(field, Array(text.utf8)) }

  package mutating func add(_ field: UInt64, _ message: ProtobufMessage) { add(field, message.bytes) }

  private mutating func add(_ field: UInt64, _ content: [UInt8]) {
    addTag(field, .length)
    addVarint(UInt64(content.count))
    bytes += content
  }

  private mutating func addTag(_ field: UInt64, _ type: WireType) { addVarint(field << 3 | type.rawValue) }

  /// Seven bits a byte, the least first.
  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension FixedWidthInteger {
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
