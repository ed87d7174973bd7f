/// Some columns of `[rows, stride]`, moved to and from a matrix of their own, `[rows, width]`.
public enum Columns {
  /// Writes `matrix` into the columns from `column` on of `wide`.
  public static func insert(
    _ matrix: Span<Float>, rows: Int, into wide: inout MutableSpan<Float>, at column: Int
  ) {
    let (width, stride) = check(matrix.count, wide.count, rows: rows, column: column)
    matrix.withUnsafeBufferPointer { matrix in
      wide.withUnsafeMutableBufferPointer { wide in
        guard width > 0 else { return }
        for row in 0..<rows {
          ShortRows.copy(
            matrix.baseAddress! + row &* width, to: wide.baseAddress! + (row &* stride &+ column), count: width)
        }
      }
    }
  }

  /// Writes the columns from `column` on of `wide` into `matrix`, or adds them to it.
  public static func extract(
    _ wide: Span<Float>, at column: Int, rows: Int, into matrix: inout MutableSpan<Float>, adds: Bool = false
  ) {
    let (width, stride) = check(matrix.count, wide.count, rows: rows, column: column)
    wide.withUnsafeBufferPointer { wide in
      matrix.withUnsafeMutableBufferPointer { matrix in
        guard width > 0 else { return }
        for row in 0..<rows {
          let source = wide.baseAddress! + (row &* stride &+ column)
          let target = matrix.baseAddress! + row &* width
          if adds {
            ShortRows.add(source, to: target, count: width)
          } else {
            ShortRows.copy(source, to: target, count: width)
          }
        }
      }
    }
  }

  private static func check(_ narrow: Int, _ wide: Int, rows: Int, column: Int) -> (width: Int, stride: Int) {
    precondition(rows > 0 && narrow % rows == 0 && wide % rows == 0, "\(narrow) and \(wide) values in \(rows) rows")
    let (width, stride) = (narrow / rows, wide / rows)
    precondition(column >= 0 && column + width <= stride, "\(width) columns at \(column) of \(stride)")
    return (width, stride)
  }
}
