/// Symmetric matrices all of whose eigenvalues are positive, row by row.
package enum PositiveDefinite {
  /// By Cholesky's factor L (matrix = L·Lᵀ): the inverse is L⁻ᵀ·L⁻¹.
  ///
  /// - Parameters:
  ///   - matrix: `[order, order]`; only its lower triangle is read.
  package static func inverse(_ matrix: [Double], order: Int) -> [Double] {
    precondition(matrix.count == order * order, "\(matrix.count) numbers for a matrix of order \(order)")
    let factor = inverseOfLower(lower(matrix, order), order)
    var inverse = [Double](repeating: 0, count: order * order)
    // Row k of L⁻¹ adds its product with itself.
    for k in 0..<order {
      for i in 0...k where factor[k * order + i] != 0 {
        let value = factor[k * order + i]
        for j in 0...i { inverse[i * order + j] += value * factor[k * order + j] }
      }
    }
    for i in 0..<order { for j in 0..<i { inverse[j * order + i] = inverse[i * order + j] } }
    return inverse
  }

  private static func lower(_ matrix: [Double], _ order: Int) -> [Double] {
    var lower = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in 0...i {
        var rest = matrix[i * order + j]
        for k in 0..<j { rest -= lower[i * order + k] * lower[j * order + k] }
        lower[i * order + j] = i == j ? rest.squareRoot() : rest / lower[j * order + j]
      }
    }
    return lower
  }

  /// By forward substitution, row by row.
  private static func inverseOfLower(_ lower: [Double], _ order: Int) -> [Double] {
    var inverse = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for k in 0..<i {
        let value = lower[i * order + k]
        for j in 0...k { inverse[i * order + j] -= value * inverse[k * order + j] }
      }
      for j in 0..<i { inverse[i * order + j] /= lower[i * order + i] }
      inverse[i * order + i] = 1 / lower[i * order + i]
    }
    return inverse
  }
}
