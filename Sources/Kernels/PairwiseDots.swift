/// The dot products of all pairs of a sample's vectors, as DLRM's interaction. Naumov et al., "Deep Learning
/// Recommendation Model" (2019), section 2.
public struct PairwiseDots: Sendable {
  /// Vectors of a sample.
  public let vectors: Int
  /// Floats of a vector.
  public let width: Int
  /// True where a sample's result begins with its last vector as it is.
  public let keepsLast: Bool

  /// At least two vectors of at least one float.
  public init(vectors: Int, width: Int, keepsLast: Bool) {
    precondition(vectors > 1 && width > 0, "dot products of \(vectors) vectors of \(width)")
    self.vectors = vectors
    self.width = width
    self.keepsLast = keepsLast
  }

  /// Floats of a sample that go in.
  public var inputCount: Int { vectors * width }
  /// Dot products of a sample: each vector with those before it.
  public var pairCount: Int { vectors * (vectors - 1) / 2 }
  /// Floats of a sample that come out, the kept vector included.
  public var resultCount: Int { kept + pairCount }
  /// Floats of room that `forward` needs.
  public var scratchCount: Int { width * paddedVectors }

  private var kept: Int { keepsLast ? width : 0 }
  private var paddedVectors: Int { (vectors + ShortRows.lanes - 1) / ShortRows.lanes * ShortRows.lanes }

  /// Writes `[rows, resultCount]`: the last vector, if kept, then v·w for v = 1, 2, … and each w < v.
  ///
  /// - Parameters:
  ///   - inputs: `[rows, vectors · width]`.
  ///   - scratch: `scratchCount` floats, zero at first use and not to be written by others.
  public func forward(
    _ inputs: Span<Float>, scratch: inout MutableSpan<Float>, into results: inout MutableSpan<Float>
  ) {
    let rows = rowCount(inputs.count, results.count)
    precondition(scratch.count == scratchCount, "\(scratch.count) floats of room, not \(scratchCount)")
    inputs.withUnsafeBufferPointer { inputs in
      scratch.withUnsafeMutableBufferPointer { scratch in
        results.withUnsafeMutableBufferPointer { results in
          for row in 0..<rows {
            forward(
              inputs.baseAddress! + row &* inputCount, scratch.baseAddress!, results.baseAddress! + row &* resultCount)
          }
        }
      }
    }
  }

  /// The vectors' columns become rows first, so that a row of dot products is a sum of rows: no sums across lanes.
  @inline(__always)
  private func forward(
    _ input: UnsafePointer<Float>, _ columns: UnsafeMutablePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    let padded = paddedVectors
    for vector in 0..<vectors {
      for column in 0..<width { columns[column &* padded &+ vector] = input[vector &* width &+ column] }
    }
    if keepsLast { ShortRows.copy(input + (vectors &- 1) &* width, to: result, count: width) }
    var next = result + kept
    for vector in 1..<vectors {
      for first in stride(from: 0, to: vector, by: ShortRows.lanes) {
        var dots = SIMD16<Float>.zero
        for column in 0..<width {
          dots.addProduct(ShortRows.load(columns + (column &* padded &+ first)), input[vector &* width &+ column])
        }
        let count = min(vector &- first, ShortRows.lanes)
        if count == ShortRows.lanes {
          ShortRows.store(dots, at: next)
        } else {
          for lane in 0..<count { next[lane] = dots[lane] }
        }
        next += count
      }
    }
  }

  /// Writes the gradient with respect to `inputs`: for each vector, the sum of the others times their pair's gradient.
  public func backward(_ inputs: Span<Float>, gradients: Span<Float>, into results: inout MutableSpan<Float>) {
    let rows = rowCount(inputs.count, gradients.count)
    precondition(results.count == inputs.count, "\(results.count) gradients of \(inputs.count) inputs")
    inputs.withUnsafeBufferPointer { inputs in
      gradients.withUnsafeBufferPointer { gradients in
        results.withUnsafeMutableBufferPointer { results in
          for row in 0..<rows {
            let gradient = gradients.baseAddress! + row &* resultCount
            let result = results.baseAddress! + row &* inputCount
            inputGradient(inputs.baseAddress! + row &* inputCount, gradient + kept, result)
            if keepsLast { ShortRows.add(gradient, to: result + (vectors &- 1) &* width, count: width) }
          }
        }
      }
    }
  }

  @inline(__always)
  private func inputGradient(
    _ input: UnsafePointer<Float>, _ pairs: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    for vector in 0..<vectors {
      let row = pairs + vector &* (vector &- 1) / 2
      var column = 0
      while column &+ ShortRows.lanes <= width {
        var sum = SIMD16<Float>.zero
        for other in 0..<vector { sum.addProduct(ShortRows.load(input + (other &* width &+ column)), row[other]) }
        for other in vector &+ 1..<vectors {
          let factor = pairs[other &* (other &- 1) / 2 &+ vector]
          sum.addProduct(ShortRows.load(input + (other &* width &+ column)), factor)
        }
        ShortRows.store(sum, at: result + (vector &* width &+ column))
        column &+= ShortRows.lanes
      }
      while column < width {
        var sum: Float = 0
        for other in 0..<vector { sum.addProduct(input[other &* width &+ column], row[other]) }
        for other in vector &+ 1..<vectors {
          sum.addProduct(input[other &* width &+ column], pairs[other &* (other &- 1) / 2 &+ vector])
        }
        result[vector &* width &+ column] = sum
        column &+= 1
      }
    }
  }

  private func rowCount(_ inputs: Int, _ results: Int) -> Int {
    let rows = inputs / inputCount
    precondition(
      rows > 0 && inputs == rows * inputCount && results == rows * resultCount,
      "\(inputs) and \(results) values for samples of \(vectors) vectors of \(width)")
    return rows
  }
}
