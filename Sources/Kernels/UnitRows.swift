/// Rows of length 1, and the way back through them.
public enum UnitRows {
  /// Writes row *r* of `[rows, width]`, divided by its length, into `target`'s row *first + stride · r*, and its length into
  /// `lengths` at the same place. A row of zeros, which points nowhere, stays as it is.
  public static func normalize(
    _ rows: Span<Float>, width: Int, into target: inout MutableSpan<Float>, lengths: inout MutableSpan<Float>,
    first: Int = 0, stride: Int = 1
  ) {
    let count = rows.count / width
    precondition(
      rows.count == count * width && target.count == lengths.count * width && first >= 0
        && first + stride * (count - 1) < lengths.count,
      "\(count) rows into \(lengths.count) from \(first) by \(stride)")
    for row in 0..<count {
      let values = rows.extracting(row * width..<(row + 1) * width)
      let length = OptimizerLoops.sumOfSquares(values).squareRoot()
      let (place, factor) = (first + stride * row, length == 0 ? 0 : Float(1 / length))
      lengths[place] = Float(length)
      for index in 0..<width { target[place * width + index] = values[index] * factor }
    }
  }

  /// From the gradient g with respect to u = z ÷ ‖z‖ to that with respect to z, in place: (g − (g·u) u) · factor ÷ ‖z‖, and 0
  /// where z is.
  ///
  /// - Parameters:
  ///   - gradients: `[rows, width]`.
  ///   - units: u, `[rows, width]`.
  ///   - lengths: ‖z‖, `[rows]`.
  public static func backward(
    _ gradients: inout MutableSpan<Float>, units: Span<Float>, lengths: Span<Float>, factor: Float
  ) {
    precondition(
      gradients.count == units.count && units.count % max(lengths.count, 1) == 0,
      "\(gradients.count) gradients of \(units.count) values in \(lengths.count) rows")
    guard lengths.count > 0 else { return }
    let width = units.count / lengths.count
    for row in lengths.indices {
      let places = row * width..<(row + 1) * width
      var along: Float = 0
      for index in places { along = along.addingProduct(gradients[index], units[index]) }
      let scale = lengths[row] == 0 ? 0 : factor / lengths[row]
      for index in places { gradients[index] = scale * (gradients[index] - along * units[index]) }
    }
  }
}
