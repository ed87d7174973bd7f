/// Floats as bfloat16, the upper half of a float: its range, and eight bits of its precision.
public enum BFloat16 {
  /// The nearest bfloat16; of two as near, the even one. What is not a number stays so.
  @inline(__always)
  static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16
    return UInt16(truncatingIfNeeded: value.isNaN ? (bits >> 16) | 0x40 : rounded)
  }

  /// Exact.
  @inline(__always)
  static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// `narrow` = `values`, rounded.
  public static func encode(_ values: Span<Float>, into narrow: inout MutableSpan<UInt16>) {
    precondition(values.count == narrow.count, "\(values.count) floats into \(narrow.count)")
    for index in values.indices { narrow[index] = bits(values[index]) }
  }

  /// `values` = `narrow`.
  public static func decode(_ narrow: Span<UInt16>, into values: inout MutableSpan<Float>) {
    precondition(values.count == narrow.count, "\(narrow.count) floats into \(values.count)")
    for index in narrow.indices { values[index] = float(narrow[index]) }
  }

  /// `sums` += `values`: added as floats, then rounded.
  public static func add(_ values: Span<UInt16>, to sums: inout MutableSpan<UInt16>) {
    precondition(values.count == sums.count, "\(values.count) values added to \(sums.count)")
    for index in values.indices { sums[index] = bits(float(sums[index]) + float(values[index])) }
  }
}
