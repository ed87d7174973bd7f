/// Floats of two bytes, for gradients on their way.
public enum NarrowFloat: Sendable {
  /// The upper half of a float: its range, and eight bits of its precision.
  case bfloat16
  /// IEEE's half precision, 11 bits of it, of values 64 times as large: exact to 11 bits from 9.5e-7 to 1,023, with fewer down to
  /// 4.7e-10, infinite above. Gradients are of mean losses, and seldom large.
  case float16

  /// `narrow` = `values`, rounded to the nearest; of two as near, to the even one. What is not a number stays so.
  public func encode(_ values: Span<Float>, into narrow: inout MutableSpan<UInt16>) {
    switch self {
    case .bfloat16: BFloat16.encode(values, into: &narrow)
    case .float16: ScaledHalf.encode(values, into: &narrow)
    }
  }

  /// `narrow` = `values` + `errors`, rounded; `errors` = what that took from them, and 0 where that is not a number.
  public func encode(
    _ values: Span<Float>, errors: inout MutableSpan<Float>, into narrow: inout MutableSpan<UInt16>
  ) {
    switch self {
    case .bfloat16: BFloat16.encode(values, errors: &errors, into: &narrow)
    case .float16: ScaledHalf.encode(values, errors: &errors, into: &narrow)
    }
  }

  /// `values` = `narrow`, exactly.
  public func decode(_ narrow: Span<UInt16>, into values: inout MutableSpan<Float>) {
    switch self {
    case .bfloat16: BFloat16.decode(narrow, into: &values)
    case .float16: ScaledHalf.decode(narrow, into: &values)
    }
  }

  /// `rounded` = `values`, each the nearest number of bfloat16, as a float.
  public static func roundToBFloat16(_ values: Span<Float>, into rounded: inout MutableSpan<Float>) {
    precondition(values.count == rounded.count, "\(values.count) floats into \(rounded.count)")
    for index in values.indices { rounded[index] = BFloat16.rounded(values[index]) }
  }

  /// `sums` += `values`: added as floats, then rounded.
  public func add(_ values: Span<UInt16>, to sums: inout MutableSpan<UInt16>) {
    switch self {
    case .bfloat16: BFloat16.add(values, to: &sums)
    case .float16: ScaledHalf.add(values, to: &sums)
    }
  }
}

/// One float as two bytes and back, without a branch, so that the compiler makes vectors of it.
private protocol NarrowCode {
  static func bits(_ value: Float) -> UInt16
  static func float(_ bits: UInt16) -> Float
}

extension NarrowCode {
  @inline(__always)
  static func encode(_ values: Span<Float>, into narrow: inout MutableSpan<UInt16>) {
    precondition(values.count == narrow.count, "\(values.count) floats into \(narrow.count)")
    for index in values.indices { narrow[index] = bits(values[index]) }
  }

  @inline(__always)
  static func encode(
    _ values: Span<Float>, errors: inout MutableSpan<Float>, into narrow: inout MutableSpan<UInt16>
  ) {
    precondition(
      values.count == narrow.count && values.count == errors.count,
      "\(values.count) floats with \(errors.count) errors into \(narrow.count)")
    for index in values.indices {
      let value = values[index] + errors[index]
      let sent = bits(value)
      let error = value - float(sent)
      narrow[index] = sent
      errors[index] = error.isFinite ? error : 0
    }
  }

  @inline(__always)
  static func decode(_ narrow: Span<UInt16>, into values: inout MutableSpan<Float>) {
    precondition(values.count == narrow.count, "\(narrow.count) floats into \(values.count)")
    for index in narrow.indices { values[index] = float(narrow[index]) }
  }

  @inline(__always)
  static func add(_ values: Span<UInt16>, to sums: inout MutableSpan<UInt16>) {
    precondition(values.count == sums.count, "\(values.count) values added to \(sums.count)")
    for index in values.indices { sums[index] = bits(float(sums[index]) + float(values[index])) }
  }
}

private enum BFloat16: NarrowCode {
  @inline(__always)
  static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16
    return UInt16(truncatingIfNeeded: value.isNaN ? (bits >> 16) | 0x40 : rounded)
  }

  @inline(__always)
  static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// As `float(bits(value))`, all in 32 bits.
  @inline(__always)
  static func rounded(_ value: Float) -> Float {
    let bits = value.bitPattern
    let near = bits &+ 0x7FFF &+ ((bits >> 16) & 1)
    return Float(bitPattern: (value.isNaN ? bits | 0x40_0000 : near) & 0xFFFF_0000)
  }
}

/// IEEE's half precision of a multiple, by integers: without the processor's instruction, Swift's `Float16` is a function call for
/// each value.
private enum ScaledHalf: NarrowCode {
  private static let scale: Float = 64
  /// Between the exponents of a float and a half, in a float's place for them.
  private static let bias: UInt32 = (127 - 15) << 23
  private static let leastNormal: UInt32 = (127 - 14) << 23
  private static let infinite: UInt32 = (127 + 16) << 23
  private static let infinity: UInt32 = 0xFF << 23

  @inline(__always)
  static func bits(_ value: Float) -> UInt16 {
    let all = (value * scale).bitPattern
    let sign = (all >> 16) & 0x8000
    let bits = all & 0x7FFF_FFFF
    let normal = (bits &- bias &+ 0xFFF &+ ((bits >> 13) & 1)) >> 13
    // Below, the sum with a half has the value's bits as its last, rounded as any sum.
    let half: Float = 0.5
    let small = (Float(bitPattern: bits) + half).bitPattern &- half.bitPattern
    let large: UInt32 = bits > infinity ? 0x7E00 : 0x7C00
    return UInt16(truncatingIfNeeded: sign | (bits >= infinite ? large : bits < leastNormal ? small : normal))
  }

  @inline(__always)
  static func float(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let rest = UInt32(bits & 0x7FFF) << 13
    let exponent = rest & (0x1F << 23)
    let normal = rest &+ bias
    // Below, the bits are the last of a number between the least normal one and twice that.
    let least = Float(bitPattern: leastNormal)
    let small = (Float(bitPattern: rest &+ leastNormal) - least).bitPattern
    let large = rest | infinity
    let value = exponent == 0x1F << 23 ? large : exponent == 0 ? small : normal
    return Float(bitPattern: sign | value) * (1 / scale)
  }
}
