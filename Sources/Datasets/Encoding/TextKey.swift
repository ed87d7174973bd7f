import Foundation

/// A text as hash tables compare it: one of up to eight bytes is a number, which needs no look at memory; a longer one
/// lies in memory that someone else holds.
struct TextKey: @unchecked Sendable {
  // Unchecked: as `TextSpan`.

  /// The bytes themselves, first one lowest, or the address of a longer text.
  let bits: UInt64
  let count: Int

  static let longestNumber = 8

  @inline(__always)
  init(_ text: TextSpan) {
    count = text.count
    bits = text.count <= Self.longestNumber ? text.number : UInt64(UInt(bitPattern: text.start))
  }

  init(bits: UInt64, count: Int) {
    self.bits = bits
    self.count = count
  }

  /// Of a text, or of none where a bag has no value.
  @inline(__always)
  init(perhapsAbsent text: TextSpan) { self = text.isAbsent ? TextKey(bits: 0, count: -1) : TextKey(text) }

  var isAbsent: Bool { count < 0 }

  private var isNumber: Bool { count <= Self.longestNumber }
  /// Only of longer texts.
  private var start: UnsafePointer<UInt8> { UnsafePointer(bitPattern: UInt(truncatingIfNeeded: bits))! }

  /// Calls `body` with the text's bytes.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    guard isNumber else { return try body(UnsafeRawBufferPointer(start: start, count: count)) }
    return try withUnsafeBytes(of: bits.littleEndian) { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  @inline(__always)
  func isSame(as other: TextKey) -> Bool {
    if count != other.count { return false }
    return bits == other.bits || (!isNumber && memcmp(start, other.start, count) == 0)
  }

  /// For tables in memory only: another program, or another version of this one, may have another.
  @inline(__always)
  var hash: UInt64 { isNumber ? Self.mix(bits, UInt64(truncatingIfNeeded: count)) : longHash }

  private var longHash: UInt64 {
    let bytes = UnsafeRawPointer(start)
    var hash = UInt64(truncatingIfNeeded: count)
    for offset in stride(from: 0, to: count - 8, by: 8) {
      hash = Self.mix(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), hash)
    }
    return Self.mix(bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self), hash)
  }

  /// Multiplies, and folds the upper half of the product into the lower (Wang Yi's wyhash).
  @inline(__always)
  private static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
    let product = (first ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: second &* 2 ^ 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }

  /// The first bytes as they sort: texts with others differ in the same way, texts with the same may differ later.
  var prefix: UInt64 {
    isNumber ? bits.byteSwapped : UInt64(bigEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
  }
}

extension TextSpan {
  /// At most eight bytes as a number, the first one lowest. Reads nothing beside them.
  @inline(__always)
  var number: UInt64 {
    let bytes = UnsafeRawPointer(start)
    if count >= 4 {
      // Two halves, which overlap where there are fewer than eight: the same bits twice.
      let low = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
      let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
      return UInt64(low) | UInt64(high) &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4))
    }
    if count == 0 { return 0 }
    let (middle, last) = (count &>> 1, count &- 1)
    return UInt64(start[0]) | UInt64(start[middle]) &<< UInt64(truncatingIfNeeded: 8 &* middle)
      | UInt64(start[last]) &<< UInt64(truncatingIfNeeded: 8 &* last)
  }
}
