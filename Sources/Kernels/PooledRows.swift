/// Rows of a table, several for a field, of which a sum with coefficients is made; and their gradients. Where every field has
/// one row, `EmbeddingRows` and `FieldSums` are faster.
public enum PooledRows {
  /// What each id of `[rows, columns]` counts: 0 where it stands for no value, 1, or of a mean 1 ÷ the number of values.
  ///
  /// - Parameters:
  ///   - fields: of each column, its field; columns of a field lie side by side.
  ///   - absent: of each column, the id that stands for no value.
  ///   - isMean: of each column.
  public static func coefficients(
    _ ids: Span<Int32>, fields: [Int], absent: [Int32], isMean: [Bool], into coefficients: inout MutableSpan<Float>
  ) {
    let columns = fields.count
    precondition(
      ids.count == coefficients.count && ids.count % columns == 0,
      "\(ids.count) ids, \(coefficients.count) coefficients")
    for row in 0..<ids.count / columns {
      var first = 0
      while first < columns {
        var (end, values) = (first, 0)
        while end < columns, fields[end] == fields[first] {
          if ids[row * columns + end] != absent[end] { values += 1 }
          end += 1
        }
        let share = isMean[first] && values > 0 ? 1 / Float(values) : 1
        for column in first..<end {
          coefficients[row * columns + column] = ids[row * columns + column] == absent[column] ? 0 : share
        }
        first = end
      }
    }
  }

  /// Writes each field's sum of coefficient × row of `table` `[…, width]` side by side, then what comes with the sample:
  /// `[rows, fields · width + values]`.
  ///
  /// - Parameters:
  ///   - ids: `[rows, columns]`, numbers of rows of the table.
  ///   - fields: of each column, its field; all up to the last are there.
  ///   - values: `[rows, values]`; may be empty.
  public static func gather(
    _ table: Span<Float>, width: Int, ids: Span<Int32>, coefficients: Span<Float>, fields: [Int], values: Span<Float>,
    into results: inout MutableSpan<Float>
  ) {
    let (columns, pooled) = (fields.count, (fields.last ?? -1) + 1)
    let rows = ids.count / columns
    precondition(
      ids.count == coefficients.count && results.count == rows * pooled * width + values.count,
      "\(results.count) floats for \(rows) samples of \(pooled) fields of \(width) and \(values.count) values")
    ShortRows.require(ids, below: table.count / width)
    guard rows > 0 else { return }
    let (stride, beside) = (results.count / rows, values.count / rows)
    for row in 0..<rows {
      let start = row * stride
      for index in start..<start + pooled * width { results[unchecked: index] = 0 }
      for column in 0..<columns {
        let coefficient = coefficients[row * columns + column]
        guard coefficient != 0 else { continue }
        let (from, to) = (Int(ids[row * columns + column]) * width, start + fields[column] * width)
        for index in 0..<width { results[unchecked: to &+ index] += coefficient * table[unchecked: from &+ index] }
      }
      for index in 0..<beside { results[start + pooled * width + index] = values[row * beside + index] }
    }
  }

  /// Adds coefficient × the field's part of `gradients`, `[rows, fields · width + …]`, to the rows of `sums` `[…, width]` that
  /// `slots` `[rows, columns]` names. A row named twice gets both.
  public static func add(
    _ gradients: Span<Float>, width: Int, slots: Span<Int32>, coefficients: Span<Float>, fields: [Int],
    to sums: inout MutableSpan<Float>
  ) {
    let columns = fields.count
    let rows = slots.count / columns
    precondition(
      slots.count == coefficients.count && (rows == 0 || gradients.count / rows >= ((fields.last ?? -1) + 1) * width),
      "\(gradients.count) floats of gradients for \(rows) samples of \(columns) ids")
    ShortRows.require(slots, below: sums.count / width)
    guard rows > 0 else { return }
    let stride = gradients.count / rows
    for row in 0..<rows {
      for column in 0..<columns {
        let coefficient = coefficients[row * columns + column]
        guard coefficient != 0 else { continue }
        let (from, to) = (row * stride + fields[column] * width, Int(slots[row * columns + column]) * width)
        for index in 0..<width { sums[unchecked: to &+ index] += coefficient * gradients[unchecked: from &+ index] }
      }
    }
  }

  /// scores `[rows]` = Σ over columns of coefficient × weight, with `ids` `[rows, columns]`.
  public static func scores(
    _ weights: Span<Float>, ids: Span<Int32>, coefficients: Span<Float>, into scores: inout MutableSpan<Float>
  ) {
    precondition(ids.count == coefficients.count, "\(ids.count) ids, \(coefficients.count) coefficients")
    ShortRows.require(ids, below: weights.count)
    guard scores.count > 0 else { return }
    let columns = ids.count / scores.count
    for row in scores.indices {
      var sum: Float = 0
      for place in row * columns..<(row + 1) * columns {
        sum += coefficients[place] * weights[unchecked: Int(ids[place])]
      }
      scores[row] = sum
    }
  }

  /// sums[slots] += coefficient × a sample's gradient.
  public static func addScores(
    _ gradients: Span<Float>, slots: Span<Int32>, coefficients: Span<Float>, to sums: inout MutableSpan<Float>
  ) {
    precondition(slots.count == coefficients.count, "\(slots.count) slots, \(coefficients.count) coefficients")
    ShortRows.require(slots, below: sums.count)
    guard gradients.count > 0 else { return }
    let columns = slots.count / gradients.count
    for row in gradients.indices {
      for place in row * columns..<(row + 1) * columns {
        sums[unchecked: Int(slots[place])] += coefficients[place] * gradients[row]
      }
    }
  }
}
