/// One number a column, added to every row of `[rows, columns]`; its gradient is the sum of each column.
public enum Bias {
  // A row's start plus a column is within what `rowCount` has checked, but the compiler cannot see that: with its checks
  // and overflow tests (+ for &+) these loops stay scalar.

  /// Adds in place.
  public static func add(_ bias: Span<Float>, to matrix: inout MutableSpan<Float>) {
    for row in 0..<rowCount(matrix.count, bias.count) {
      let start = row * bias.count
      for column in bias.indices { matrix[unchecked: start &+ column] += bias[column] }
    }
  }

  /// Adds in place, then ReLU, in one pass.
  public static func addThenRectify(_ bias: Span<Float>, to matrix: inout MutableSpan<Float>) {
    for row in 0..<rowCount(matrix.count, bias.count) {
      let start = row * bias.count
      for column in bias.indices {
        matrix[unchecked: start &+ column] = Rectifier.value(matrix[unchecked: start &+ column] + bias[column])
      }
    }
  }

  /// Adds each column's sum to `sums`.
  public static func addColumnSums(of matrix: Span<Float>, to sums: inout MutableSpan<Float>) {
    let rows = rowCount(matrix.count, sums.count)
    let blocked = rows - rows % blockRows
    for row in stride(from: 0, to: blocked, by: blockRows) { addBlock(of: matrix, at: row * sums.count, to: &sums) }
    for row in blocked..<rows { addRow(of: matrix, at: row * sums.count, to: &sums) }
  }

  /// Sets `gradient` to 0 where `output` is not positive and adds each column's sum of what is left to `sums`: the
  /// backward pass of `addThenRectify`, while the rows are in cache.
  public static func rectifyBackward(
    output: Span<Float>, gradient: inout MutableSpan<Float>, addingColumnSumsTo sums: inout MutableSpan<Float>
  ) {
    precondition(output.count == gradient.count, "\(output.count) outputs, \(gradient.count) gradients")
    let rows = rowCount(output.count, sums.count)
    for first in stride(from: 0, to: rows, by: blockRows) {
      let last = min(rows, first + blockRows)
      for index in first * sums.count..<last * sums.count {
        gradient[unchecked: index] = Rectifier.gradient(gradient[unchecked: index], output: output[unchecked: index])
      }
      addColumnSums(of: gradient.span.extracting(first * sums.count..<last * sums.count), to: &sums)
    }
  }

  private static let blockRows = 8

  @inline(__always)
  private static func addRow(of matrix: Span<Float>, at start: Int, to sums: inout MutableSpan<Float>) {
    for column in 0..<sums.count { sums[unchecked: column] += matrix[unchecked: start &+ column] }
  }

  /// Eight rows at a time: fewer trips through `sums`, and shorter chains of additions, so smaller rounding errors.
  @inline(__always)
  private static func addBlock(of matrix: Span<Float>, at start: Int, to sums: inout MutableSpan<Float>) {
    let width = sums.count
    for column in 0..<width {
      @inline(__always) func pair(_ row: Int) -> Float {
        let index = start &+ row &* width &+ column
        return matrix[unchecked: index] + matrix[unchecked: index &+ width]
      }
      sums[unchecked: column] += (pair(0) + pair(2)) + (pair(4) + pair(6))
    }
  }

  private static func rowCount(_ count: Int, _ width: Int) -> Int {
    precondition(width > 0 && count % width == 0, "\(count) values are not rows of \(width)")
    return count / width
  }
}
