import Foundation

/// A type of values in NumPy's arrays, as its header says it behind the byte order; little-endian.
enum NumPyElement: String {
  case b1, i1, i2, i4, i8, u1, u2, u4, u8, f4, f8

  /// Bytes.
  var size: Int {
    switch self {
    case .b1, .i1, .u1: 1
    case .i2, .u2: 2
    case .i4, .u4, .f4: 4
    case .i8, .u8, .f8: 8
    }
  }

  /// Bytes of the longest text.
  static let longestText = 32

  /// Appends a value's text: of whole numbers their digits, whatever their type; of others the shortest that is read as the
  /// same number; none of what is not a number, which is how arrays have missing values.
  ///
  /// - Parameter text: where it goes, with room for `longestText` bytes; moved behind it.
  @inline(__always)
  func write(_ value: UnsafeRawPointer, to text: inout UnsafeMutablePointer<UInt8>) {
    switch self {
    case .b1: Self.write(value.load(as: UInt8.self) == 0 ? 0 : 1, to: &text)
    case .i1: Self.write(signed: Int64(value.load(as: Int8.self)), to: &text)
    case .i2: Self.write(signed: Int64(Int16(littleEndian: value.loadUnaligned(as: Int16.self))), to: &text)
    case .i4: Self.write(signed: Int64(Int32(littleEndian: value.loadUnaligned(as: Int32.self))), to: &text)
    case .i8: Self.write(signed: Int64(littleEndian: value.loadUnaligned(as: Int64.self)), to: &text)
    case .u1: Self.write(UInt64(value.load(as: UInt8.self)), to: &text)
    case .u2: Self.write(UInt64(UInt16(littleEndian: value.loadUnaligned(as: UInt16.self))), to: &text)
    case .u4: Self.write(UInt64(UInt32(littleEndian: value.loadUnaligned(as: UInt32.self))), to: &text)
    case .u8: Self.write(UInt64(littleEndian: value.loadUnaligned(as: UInt64.self)), to: &text)
    case .f4:
      Self.write(float: Float(bitPattern: UInt32(littleEndian: value.loadUnaligned(as: UInt32.self))), to: &text)
    case .f8:
      Self.write(float: Double(bitPattern: UInt64(littleEndian: value.loadUnaligned(as: UInt64.self))), to: &text)
    }
  }

  private static func write(_ number: UInt64, to text: inout UnsafeMutablePointer<UInt8>) {
    var count = 1
    var rest = number
    while rest >= 10 { (rest, count) = (rest / 10, count + 1) }
    rest = number
    for place in (0..<count).reversed() {
      text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    text += count
  }

  @inline(__always)
  private static func write(signed number: Int64, to text: inout UnsafeMutablePointer<UInt8>) {
    if number < 0 {
      text.pointee = UInt8(ascii: "-")
      text += 1
    }
    write(number.magnitude, to: &text)
  }

  private static func write<Value: BinaryFloatingPoint & CustomStringConvertible>(
    float number: Value, to text: inout UnsafeMutablePointer<UInt8>
  ) {
    // Whole numbers below this have an exact integer beside them.
    let exact: Value = 9_007_199_254_740_992
    if number.isNaN { return }
    if number.magnitude < exact, number.rounded(.towardZero) == number {
      return write(signed: Int64(number), to: &text)
    }
    for byte in number.description.utf8 {
      text.pointee = byte
      text += 1
    }
  }
}
