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
    precondition(
      a.count == rows * inner && b.count == inner * columns && c.count == rows * columns,
      "matrices of \(a.count), \(b.count) and \(c.count) for a product of \(rows) × \(inner) × \(columns)")
    let status = unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe c.withUnsafeMutableBufferPointer { c in
          unsafe dnnl_sgemm(
            letter(form == .transposedLeft), letter(form == .transposedRight), Int64(rows), Int64(columns),
            Int64(inner),
            1, a.baseAddress, Int64(form == .transposedLeft ? rows : inner),
            b.baseAddress, Int64(form == .transposedRight ? inner : columns),
            accumulates ? 1 : 0, c.baseAddress, Int64(columns))
        }
      }
    }
    try check(status, "matrix product \(rows) × \(inner) × \(columns)")
  }

  private static func letter(_ transposed: Bool) -> CChar { transposed ? 0x54 : 0x4E }
}
