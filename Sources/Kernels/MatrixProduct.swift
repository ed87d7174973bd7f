import Buffers
import COneDNN

/// C = A·B for row-major single-precision matrices, through oneDNN's sgemm.
public enum MatrixProduct {
  /// How the two factors are stored.
  public enum Form: Sendable {
    /// A is stored `[rows, inner]`, B `[inner, columns]`: a dense layer's output.
    case plain
    /// A is stored `[inner, rows]`: a dense layer's weight gradient.
    case transposedLeft
    /// B is stored `[columns, inner]`: a dense layer's input gradient.
    case transposedRight
  }

  /// Writes `[rows, columns]` into `c`, or adds to it.
  public static func multiply(
    _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>, rows: Int, columns: Int, inner: Int,
    form: Form = .plain, accumulates: Bool = false
  ) throws(OneDNNError) {
    try multiply(
      a, b, into: &c, rows: 0..<rows, of: rows, columns: columns, inner: inner, form: form, accumulates: accumulates)
  }

  /// Writes some rows of the product, `[part.count, columns]` from `c`'s row `part.lowerBound` on, or adds to them.
  /// - Parameter rows: of the whole product.
  public static func multiply(
    _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>, rows part: Range<Int>, of rows: Int,
    columns: Int, inner: Int, form: Form = .plain, accumulates: Bool = false
  ) throws(OneDNNError) {
    precondition(
      a.count == rows * inner && b.count == inner * columns && c.count == rows * columns
        && part.lowerBound >= 0 && part.upperBound <= rows,
      "matrices of \(a.count), \(b.count) and \(c.count) for rows \(part) of \(rows) × \(inner) × \(columns)")
    let first = part.lowerBound
    let status = unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe c.withUnsafeMutableBufferPointer { c in
          unsafe dnnl_sgemm(
            letter(form == .transposedLeft), letter(form == .transposedRight), Int64(part.count),
            Int64(columns), Int64(inner),
            1, a.baseAddress.map { unsafe $0 + first * (form == .transposedLeft ? 1 : inner) },
            Int64(form == .transposedLeft ? rows : inner),
            b.baseAddress, Int64(form == .transposedRight ? inner : columns),
            accumulates ? 1 : 0, c.baseAddress.map { unsafe $0 + first * columns }, Int64(columns))
        }
      }
    }
    try check(status, "matrix product \(rows) × \(inner) × \(columns)")
  }

  private static func letter(_ transposed: Bool) -> CChar { transposed ? 0x54 : 0x4E }
}
