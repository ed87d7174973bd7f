/// The factorization machine's second-order term: the sum over all pairs of fields of the dot product of their embeddings,
/// ½·Σ over columns of ((Σ e)² − Σ e²). Rendle, "Factorization Machines" (ICDM 2010), equation 5.
public enum FactorizationProducts {
  /// - Parameters:
  ///   - inputs: `[rows, fields · width + …]`; what follows the embeddings is ignored.
  ///   - sums: receives Σ e, `[rows, width]`, for `backward`.
  ///   - scores: `[rows]`.
  public static func forward(
    _ inputs: Span<Float>, fields: Int, width: Int, sums: inout MutableSpan<Float>,
    into scores: inout MutableSpan<Float>
  ) {
    let rows = scores.count
    let stride = stride(inputs.count, rows: rows, fields: fields, width: width, sums: sums.count)
    inputs.withUnsafeBufferPointer { inputs in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<rows {
          scores[row] = score(
            inputs.baseAddress! + row &* stride, fields: fields, width: width,
            sums: sums.baseAddress! + row &* width)
        }
      }
    }
  }

  @inline(__always)
  private static func score(
    _ input: UnsafePointer<Float>, fields: Int, width: Int, sums: UnsafeMutablePointer<Float>
  ) -> Float {
    var total: Float = 0
    var column = 0
    while column &+ ShortRows.lanes <= width {
      var (sum, squares) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
      for field in 0..<fields {
        let embedding = ShortRows.load(input + (field &* width &+ column))
        sum += embedding
        squares.addProduct(embedding, embedding)
      }
      ShortRows.store(sum, at: sums + column)
      total += (sum * sum - squares).sum()
      column &+= ShortRows.lanes
    }
    while column < width {
      var (sum, squares): (Float, Float) = (0, 0)
      for field in 0..<fields {
        let embedding = input[field &* width &+ column]
        sum += embedding
        squares.addProduct(embedding, embedding)
      }
      sums[column] = sum
      total += sum * sum - squares
      column &+= 1
    }
    return 0.5 * total
  }

  /// The gradient with respect to an embedding is the sample's gradient times (Σ e − e).
  ///
  /// - Parameter adds: `results`, `[rows, fields · width + …]`, is added to, and its other columns stay; else it is
  ///   written, other columns with 0.
  public static func backward(
    _ inputs: Span<Float>, fields: Int, width: Int, sums: Span<Float>, gradients: Span<Float>,
    into results: inout MutableSpan<Float>, adds: Bool
  ) {
    let rows = gradients.count
    let stride = stride(inputs.count, rows: rows, fields: fields, width: width, sums: sums.count)
    precondition(results.count == inputs.count, "\(results.count) gradients of \(inputs.count) inputs")
    inputs.withUnsafeBufferPointer { inputs in
      sums.withUnsafeBufferPointer { sums in
        results.withUnsafeMutableBufferPointer { results in
          for row in 0..<rows {
            let result = results.baseAddress! + row &* stride
            inputGradient(
              inputs.baseAddress! + row &* stride, fields: fields, width: width,
              sums: sums.baseAddress! + row &* width, gradients[row], result, adds: adds)
            if !adds { (result + fields &* width).update(repeating: 0, count: stride &- fields &* width) }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func inputGradient(
    _ input: UnsafePointer<Float>, fields: Int, width: Int, sums: UnsafePointer<Float>, _ gradient: Float,
    _ result: UnsafeMutablePointer<Float>, adds: Bool
  ) {
    for field in 0..<fields {
      let start = field &* width
      var column = 0
      while column &+ ShortRows.lanes <= width {
        let others = ShortRows.load(sums + column) - ShortRows.load(input + (start &+ column))
        let before = adds ? ShortRows.load(result + (start &+ column)) : .zero
        ShortRows.store(before.addingProduct(others, gradient), at: result + (start &+ column))
        column &+= ShortRows.lanes
      }
      while column < width {
        let before = adds ? result[start &+ column] : 0
        result[start &+ column] = before.addingProduct(gradient, sums[column] - input[start &+ column])
        column &+= 1
      }
    }
  }

  private static func stride(_ count: Int, rows: Int, fields: Int, width: Int, sums: Int) -> Int {
    let stride = rows > 0 ? count / rows : 0
    precondition(
      rows > 0 && width > 0 && stride * rows == count && stride >= fields * width && sums == rows * width,
      "\(count) values and \(sums) sums for \(rows) samples of \(fields) embeddings of \(width)")
    return stride
  }
}
