import Foundation

/// Numbers from raw bytes, the same value that `strtod` gives.
enum TextNumber {
  /// Powers of ten that a Double holds exactly.
  private static let exactPowers = 22
  nonisolated(unsafe) private static let powers: UnsafePointer<Double> = {
    let table = UnsafeMutablePointer<Double>.allocate(capacity: exactPowers + 1)
    var power = 1.0
    for exponent in 0...exactPowers {
      table[exponent] = power
      power *= 10
    }
    return UnsafePointer(table)
  }()

  /// Digits only, below 2⁶²; nil for all else.
  static func whole(_ text: TextSpan) -> Int? {
    if 1...8 ~= text.count { return digits(text) }
    guard 1...18 ~= text.count else { return text.count > 18 ? longWhole(text) : nil }
    var value = 0
    for index in 0..<text.count {
      let digit = text.start[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }

  /// A decimal number with or without sign, point and exponent; nil for all else ("nan" and "inf" too).
  @inline(__always)
  static func decimal(_ text: TextSpan) -> Double? {
    if 1...8 ~= text.count, let number = digits(text) { return Double(number) }
    return anyDecimal(text)
  }

  /// Whether it is a decimal number that no Float holds.
  static func isTooLarge(_ text: TextSpan) -> Bool { parsed(text).map { !Float($0).isFinite } ?? false }

  private static func anyDecimal(_ text: TextSpan) -> Double? {
    var index = 0
    let count = text.count
    let isNegative = index < count && text.start[index] == UInt8(ascii: "-")
    if isNegative || (index < count && text.start[index] == UInt8(ascii: "+")) { index += 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var exponent = 0
    var any = false
    var hasPoint = false
    while index < count {
      let byte = text.start[index]
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        any = true
        if digits < 19 {
          mantissa = mantissa &* 10 &+ UInt64(digit)
          if mantissa > 0 { digits += 1 }
          if hasPoint { exponent -= 1 }
        } else {
          return slow(text)
        }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        break
      }
      index += 1
    }
    guard any else { return nil }
    if index < count { return isExponent(text, from: index) ? slow(text) : nil }
    // Clinger 1990: exact operands, one rounding.
    guard mantissa <= 1 << 53, exponent >= -exactPowers else { return slow(text) }
    let value = Double(mantissa) / powers[-exponent]
    return isNegative ? -value : value
  }

  /// The number of one to eight digits; nil where one of them is no digit. All at once: each step joins neighbours, of
  /// one digit, of two and of four.
  @inline(__always)
  private static func digits(_ text: TextSpan) -> Int? {
    let zeros: UInt64 = 0x3030_3030_3030_3030
    // The last digit highest, and zeros before the first.
    let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* text.count)
    var number = text.number &<< shift ^ zeros &<< shift
    // Above nine, or no number at all.
    guard (number &+ 0x7676_7676_7676_7676 | number) & 0x8080_8080_8080_8080 == 0 else { return nil }
    number = (number &* 10 &+ number &>> 8) & 0x00FF_00FF_00FF_00FF
    number = (number &* 100 &+ number &>> 16) & 0x0000_FFFF_0000_FFFF
    return Int(truncatingIfNeeded: (number &* 10000 &+ number &>> 32) & 0xFFFF_FFFF)
  }

  private static func isExponent(_ text: TextSpan, from start: Int) -> Bool {
    var index = start
    guard text.start[index] | 0x20 == UInt8(ascii: "e") else { return false }
    index += 1
    if index < text.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(text.start[index]) { index += 1 }
    guard index < text.count else { return false }
    return (index..<text.count).allSatisfy { text.start[$0] &- UInt8(ascii: "0") < 10 }
  }

  /// Only for texts whose form is checked as far as it was read.
  private static func slow(_ text: TextSpan) -> Double? { parsed(text).flatMap { $0.isFinite ? $0 : nil } }

  /// An infinity where it is too large.
  private static func parsed(_ text: TextSpan) -> Double? {
    guard text.count < 1024, text.bytes.allSatisfy({ Self.mayStand($0) }) else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { copy in
      copy.copyBytes(from: text.bytes)
      copy[text.count] = 0
      let start = copy.baseAddress!.assumingMemoryBound(to: CChar.self)
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end == start + text.count ? value : nil
    }
  }

  private static func mayStand(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || "+-.eE".utf8.contains(byte)
  }

  private static func longWhole(_ text: TextSpan) -> Int? {
    guard text.bytes.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
    // Too large for any table, unless zeros lead.
    return Int(String(decoding: text.bytes, as: UTF8.self)) ?? Int.max
  }
}
