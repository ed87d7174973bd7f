import Buffers

/// A matrix A of independent normal entries, mean 0 and deviation 1: `dimensions` columns, each a direction among `count`
/// weights. A pure function of the seed.
package final class RandomSubspace {
  package let count: Int
  package let dimensions: Int
  /// `[dimensions, count]`: column by column.
  private let columns: [Float]

  /// Bytes of so many columns.
  static func bytes(count: Int, dimensions: Int) -> Double {
    Double(count) * Double(dimensions) * Double(MemoryLayout<Float>.stride)
  }

  package init(count: Int, dimensions: Int, seed: UInt64) {
    precondition(dimensions > 0 && dimensions <= count, "\(dimensions) directions among \(count) weights")
    self.count = count
    self.dimensions = dimensions
    columns = [Float](unsafeUninitializedCapacity: count * dimensions) { buffer, filled in
      for column in 0..<dimensions {
        Self.fill(UnsafeMutableBufferPointer(rebasing: buffer[column * count..<(column + 1) * count]), seed, column)
      }
      filled = count * dimensions
    }
  }

  /// Two numbers of a block.
  private static func fill(_ values: UnsafeMutableBufferPointer<Float>, _ seed: UInt64, _ column: Int) {
    let random = Philox(seed, purpose, UInt64(column))
    for start in stride(from: 0, to: values.count, by: 2) {
      let words = random.block(UInt64(start / 2), 0)
      let pair = Philox.normals(words.x, words.y, deviation: 1)
      values.initializeElement(at: start, to: pair.0)
      if start + 1 < values.count { values.initializeElement(at: start + 1, to: pair.1) }
    }
  }

  /// Like no other purpose's random numbers.
  private static let purpose: UInt64 = 0x7375_6273

  /// result += A y
  package func add(_ y: [Double], to result: inout [Double]) {
    precondition(y.count == dimensions && result.count == count, "\(y.count) directions into \(result.count) weights")
    columns.withUnsafeBufferPointer { columns in
      result.withUnsafeMutableBufferPointer { result in
        for (number, factor) in y.enumerated() where factor != 0 {
          let column = UnsafeBufferPointer(rebasing: columns[number * count..<(number + 1) * count])
          for index in 0..<count { result[index] += factor * Double(column[index]) }
        }
      }
    }
  }

  /// Aᵀ x
  package func transposed(_ x: [Double]) -> [Double] {
    precondition(x.count == count, "\(x.count) weights in a subspace of \(count)")
    return columns.withUnsafeBufferPointer { columns in
      x.withUnsafeBufferPointer { x in
        (0..<dimensions).map { number in
          let column = UnsafeBufferPointer(rebasing: columns[number * count..<(number + 1) * count])
          var sum = 0.0
          for index in 0..<count { sum += Double(column[index]) * x[index] }
          return sum
        }
      }
    }
  }

  /// A⁺ x, the least squares solution of A y = x, by conjugate gradients (CGLS, Björck 1996, §7.4): a few steps, since
  /// random columns are nearly orthogonal where there are far more weights than columns.
  package func pseudoInverse(_ x: [Double]) -> [Double] {
    var solution = [Double](repeating: 0, count: dimensions)
    var (rest, direction) = (x, transposed(x))
    var square = direction.dot(direction)
    let enough = 1e-24 * square
    for _ in 0..<2 * dimensions where square > enough {
      var image = [Double](repeating: 0, count: count)
      add(direction, to: &image)
      let step = square / image.dot(image)
      for index in solution.indices { solution[index] += step * direction[index] }
      for index in rest.indices { rest[index] -= step * image[index] }
      let slope = transposed(rest)
      let before = square
      square = slope.dot(slope)
      direction = zip(slope, direction).map { $0 + square / before * $1 }
    }
    return solution
  }
}
