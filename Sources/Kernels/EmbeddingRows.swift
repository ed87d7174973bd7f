/// Rows of a table looked up by number, and their gradients. Tables are larger than caches and the numbers are known
/// ahead, so each row is asked for some rows before it is needed.
public enum EmbeddingRows {
  /// Writes the rows of `table` `[…, width]` that a sample names side by side, then what comes with the sample:
  /// `[rows, fields · width + values]`.
  ///
  /// - Parameters:
  ///   - ids: `[rows, fields]`, numbers of rows of the table.
  ///   - values: `[rows, values]`; may be empty.
  public static func gather(
    _ table: Span<Float>, width: Int, ids: Span<Int32>, fields: Int, values: Span<Float>,
    into results: inout MutableSpan<Float>
  ) {
    let sizes = Sizes(ids: ids.count, fields: fields, width: width, resultCount: results.count, values: values.count)
    ShortRows.require(ids, below: table.count / width)
    table.withUnsafeBufferPointer { table in
      ids.withUnsafeBufferPointer { ids in
        values.withUnsafeBufferPointer { values in
          results.withUnsafeMutableBufferPointer { results in
            guard sizes.rows > 0 else { return }
            sizes.gather(table.baseAddress!, ids, values, results.baseAddress!)
          }
        }
      }
    }
  }

  /// Adds the first `fields · width` columns of `gradients`, `[rows, fields · width + …]`, to the rows of `sums`
  /// `[…, width]` that `slots` `[rows, fields]` names. A row named twice gets both.
  public static func add(
    _ gradients: Span<Float>, width: Int, slots: Span<Int32>, fields: Int, to sums: inout MutableSpan<Float>
  ) {
    let sizes = Sizes(ids: slots.count, fields: fields, width: width, resultCount: gradients.count)
    ShortRows.require(slots, below: sums.count / width)
    gradients.withUnsafeBufferPointer { gradients in
      slots.withUnsafeBufferPointer { slots in
        sums.withUnsafeMutableBufferPointer { sums in
          guard sizes.rows > 0 else { return }
          sizes.add(gradients.baseAddress!, slots, sums.baseAddress!)
        }
      }
    }
  }

  private struct Sizes {
    let rows: Int
    let fields: Int
    let width: Int
    /// Floats of a sample's row.
    let stride: Int

    init(ids: Int, fields: Int, width: Int, resultCount: Int, values: Int? = nil) {
      precondition(fields > 0 && width > 0 && ids % fields == 0, "\(ids) ids of \(fields) fields")
      rows = ids / fields
      self.fields = fields
      self.width = width
      stride = rows > 0 ? resultCount / rows : 0
      precondition(
        stride * rows == resultCount && stride >= (rows > 0 ? fields * width : 0),
        "\(resultCount) floats for \(rows) samples of \(fields) rows of \(width)")
      if let values { precondition(values == resultCount - ids * width, "\(values) values beside the embeddings") }
    }

    func gather(
      _ table: UnsafePointer<Float>, _ ids: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Float>,
      _ results: UnsafeMutablePointer<Float>
    ) {
      let beside = stride - fields * width
      let last = ids.count - 1
      for row in 0..<rows {
        let result = results + row &* stride
        for field in 0..<fields {
          let place = row &* fields &+ field
          ShortRows.prefetch(table + Int(ids[min(place &+ ShortRows.distance, last)]) &* width, count: width)
          ShortRows.copy(table + Int(ids[place]) &* width, to: result + field &* width, count: width)
        }
        guard beside > 0 else { continue }
        ShortRows.copy(values.baseAddress! + row &* beside, to: result + fields &* width, count: beside)
      }
    }

    func add(
      _ gradients: UnsafePointer<Float>, _ slots: UnsafeBufferPointer<Int32>, _ sums: UnsafeMutablePointer<Float>
    ) {
      let last = slots.count - 1
      for row in 0..<rows {
        let gradient = gradients + row &* stride
        for field in 0..<fields {
          let place = row &* fields &+ field
          ShortRows.prefetchForWriting(
            sums + Int(slots[min(place &+ ShortRows.distance, last)]) &* width, count: width)
          ShortRows.add(gradient + field &* width, to: sums + Int(slots[place]) &* width, count: width)
        }
      }
    }
  }
}
