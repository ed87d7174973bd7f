import Buffers

/// Batch norm of positions `[positions, channels]` by their own mean and (biased) variance, and a ReLU behind it, on one thread:
/// y = weight · (x − mean) ÷ √(variance + epsilon) + bias. Ioffe and Szegedy, "Batch Normalization" (ICML 2015).
///
/// Forward reads the values twice and writes once, backward reads values and gradients twice and writes once: statistics are taken in
/// one pass, piece by piece where it lies near the processor, and which outputs a ReLU has cut is worked out anew from the values.
/// `BatchNormalizationForward` is for several threads.
public final class BatchNormalization {
  /// Numbers of a position, each with a mean and a variance of its own.
  public let channels: Int
  /// Added to the variance under the root.
  public let epsilon: Float
  /// Whether a ReLU follows.
  public let rectifies: Bool
  /// y = factor · (x − mean) + bias: `[channels]` each. Not factor · x + offset, which has no digits left where the mean is far from 0
  /// and the deviation small.
  private let factors: Tensor
  private let means: Tensor
  private let biases: Tensor
  /// `[channels]` each: of the gradient, what is taken from it and what it has of x − mean.
  private let shifts: Tensor
  private let slopes: Tensor
  /// Sums of all pieces so far.
  private var first: [Double]
  private var second: [Double]

  /// Floats of a piece, which stays in a second-level cache between two passes; and positions of one at least, so that what is done once a
  /// piece does not count.
  private static let pieceFloats = 1 << 14
  private static let leastPositions = 64

  /// Takes whatever number of positions comes.
  public init(channels: Int, epsilon: Float, rectifies: Bool) {
    precondition(channels > 0, "\(channels) channels")
    self.channels = channels
    self.epsilon = epsilon
    self.rectifies = rectifies
    factors = Tensor(Shape(channels))
    means = Tensor(Shape(channels))
    biases = Tensor(Shape(channels))
    shifts = Tensor(Shape(channels))
    slopes = Tensor(Shape(channels))
    first = Array(repeating: 0, count: channels)
    second = first
  }

  /// Writes the outputs and the positions' mean and variance, `[channels]` each.
  public func forward(
    _ values: Span<Float>, weight: Span<Float>, bias: Span<Float>, into results: inout MutableSpan<Float>,
    mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>
  ) {
    precondition(
      values.count == results.count && values.count % channels == 0 && values.count > 0,
      "\(values.count) and \(results.count) values of \(channels) channels")
    precondition(
      weight.count == channels && bias.count == channels && mean.count == channels && variance.count == channels)
    values.withUnsafeBufferPointer { values in
      findStatistics(values.baseAddress!, positions: values.count / channels)
      let count = Double(values.count / channels)
      for channel in 0..<channels {
        mean[channel] = Float(first[channel])
        variance[channel] = Float(second[channel] / count)
      }
      results.withUnsafeMutableBufferPointer { results in
        findLine(weight, bias, mean.span, variance.span)
        write(values.baseAddress!, into: results.baseAddress!, positions: values.count / channels)
      }
    }
  }

  /// Writes the gradient with respect to the values (which may be `gradient` itself) and adds those of weight and bias to `weightSums` and
  /// `biasSums`. With x̂ the normalised values and n positions: weight · (g − mean(g) − x̂ · mean(g · x̂)) ÷ deviation.
  public func backward(
    _ values: Span<Float>, mean: Span<Float>, variance: Span<Float>, weight: Span<Float>, bias: Span<Float>,
    gradient: Span<Float>, into results: inout MutableSpan<Float>, weightSums: inout MutableSpan<Float>,
    biasSums: inout MutableSpan<Float>
  ) {
    precondition(
      values.count == results.count && values.count == gradient.count && values.count % channels == 0
        && values.count > 0,
      "\(values.count), \(gradient.count) and \(results.count) values of \(channels) channels")
    precondition(
      weight.count == channels && bias.count == channels && mean.count == channels && variance.count == channels)
    precondition(weightSums.count == channels && biasSums.count == channels)
    findLine(weight, bias, mean, variance)
    let positions = values.count / channels
    values.withUnsafeBufferPointer { values in
      gradient.withUnsafeBufferPointer { gradient in
        sumGradients(values.baseAddress!, gradient.baseAddress!, positions: positions)
        for channel in 0..<channels {
          let square = 1 / (Double(variance[channel]) + Double(epsilon))
          biasSums[channel] += Float(first[channel])
          weightSums[channel] += Float(second[channel] * square.squareRoot())
          shifts.buffer[channel] = Float(first[channel] / Double(positions))
          slopes.buffer[channel] = Float(second[channel] * square / Double(positions))
        }
        results.withUnsafeMutableBufferPointer { results in
          writeGradient(values.baseAddress!, gradient.baseAddress!, into: results.baseAddress!, positions: positions)
        }
      }
    }
  }
}

extension BatchNormalization {
  private typealias Numbers = UnsafePointer<Float>

  private func findLine(_ weight: Span<Float>, _ bias: Span<Float>, _ mean: Span<Float>, _ variance: Span<Float>) {
    for channel in 0..<channels {
      factors.buffer[channel] = weight[channel] / (variance[channel] + epsilon).squareRoot()
      means.buffer[channel] = mean[channel]
      biases.buffer[channel] = bias[channel]
    }
  }

  /// Calls the body with each piece's first position and number of positions, in order.
  @inline(__always)
  private func forEachPiece(_ positions: Int, _ body: (Int, Int) -> Void) {
    let size = max(Self.leastPositions, Self.pieceFloats / channels)
    var start = 0
    while start < positions {
      body(start, min(size, positions - start))
      start += size
    }
  }

  /// `first` = mean, `second` = Σ (x − mean)². A piece's are taken in two passes, since squares of what is far from 0 would leave no digits,
  /// and joined with those before it (Chan, Golub and LeVeque, "Updating formulae", 1979).
  private func findStatistics(_ values: Numbers, positions: Int) {
    forEachPiece(positions) { start, count in
      let piece = values + start &* channels
      RowLoops.forChunks(of: channels) { channel, lanes in
        let mean = sum(piece + channel, lanes, count) { $0 } / SIMD16(repeating: Float(count))
        let squares = sum(piece + channel, lanes, count) { ($0 - mean) * ($0 - mean) }
        for lane in 0..<lanes { join(channel + lane, Double(mean[lane]), Double(squares[lane]), start, count) }
      }
    }
  }

  private func join(_ channel: Int, _ mean: Double, _ squares: Double, _ before: Int, _ count: Int) {
    guard before > 0 else {
      (first[channel], second[channel]) = (mean, squares)
      return
    }
    let (all, rest) = (Double(before + count), mean - first[channel])
    first[channel] += rest * Double(count) / all
    second[channel] += squares + rest * rest * Double(before) * Double(count) / all
  }

  /// Over positions; two sums at a time, so that none waits for the one before.
  @inline(__always)
  private func sum(
    _ values: Numbers, _ lanes: Int, _ count: Int, _ term: (SIMD16<Float>) -> SIMD16<Float>
  ) -> SIMD16<Float> {
    var sums = (SIMD16<Float>(), SIMD16<Float>())
    var position = 0
    while position &+ 2 <= count {
      sums.0 += term(load(values + position &* channels, lanes))
      sums.1 += term(load(values + (position &+ 1) &* channels, lanes))
      position &+= 2
    }
    if position < count { sums.0 += term(load(values + position &* channels, lanes)) }
    return sums.0 + sums.1
  }

  @inline(__always)
  private func load(_ place: Numbers, _ lanes: Int) -> SIMD16<Float> {
    RowLoops.load(UnsafeMutablePointer(mutating: place), lanes)
  }

  private func write(_ values: Numbers, into results: UnsafeMutablePointer<Float>, positions: Int) {
    forEachPiece(positions) { start, count in
      RowLoops.forChunks(of: channels) { channel, lanes in
        let line = line(channel, lanes)
        for position in start..<start &+ count {
          let place = position &* channels &+ channel
          let result = line.value(load(values + place, lanes) - line.mean)
          RowLoops.store(rectifies ? result.replacing(with: 0, where: result .<= 0) : result, results + place, lanes)
        }
      }
    }
  }

  /// `first` = Σ g, `second` = Σ g · (x − mean), where g is the gradient before the ReLU.
  private func sumGradients(_ values: Numbers, _ gradients: Numbers, positions: Int) {
    for channel in 0..<channels { (first[channel], second[channel]) = (0, 0) }
    forEachPiece(positions) { start, count in
      RowLoops.forChunks(of: channels) { channel, lanes in
        let line = line(channel, lanes)
        var (sums, products) = (SIMD16<Float>(), SIMD16<Float>())
        for position in start..<start &+ count {
          let place = position &* channels &+ channel
          let rest = load(values + place, lanes) - line.mean
          let gradient = line.before(load(gradients + place, lanes), rest, rectifies)
          sums += gradient
          products.addProduct(gradient, rest)
        }
        for lane in 0..<lanes {
          first[channel + lane] += Double(sums[lane])
          second[channel + lane] += Double(products[lane])
        }
      }
    }
  }

  private func writeGradient(
    _ values: Numbers, _ gradients: Numbers, into results: UnsafeMutablePointer<Float>, positions: Int
  ) {
    forEachPiece(positions) { start, count in
      RowLoops.forChunks(of: channels) { channel, lanes in
        let line = line(channel, lanes)
        let (shift, slope) = (load(shifts.pointer + channel, lanes), load(slopes.pointer + channel, lanes))
        for position in start..<start &+ count {
          let place = position &* channels &+ channel
          let rest = load(values + place, lanes) - line.mean
          let gradient = line.before(load(gradients + place, lanes), rest, rectifies)
          RowLoops.store(line.factor * (gradient - shift).addingProduct(-slope, rest), results + place, lanes)
        }
      }
    }
  }

  /// Of some channels.
  private struct Line {
    let factor: SIMD16<Float>
    let mean: SIMD16<Float>
    let bias: SIMD16<Float>

    @inline(__always)
    func value(_ rest: SIMD16<Float>) -> SIMD16<Float> { bias.addingProduct(factor, rest) }

    /// A gradient before the ReLU, if there is one: as `Rectifier`, NaN passes.
    @inline(__always)
    func before(_ gradient: SIMD16<Float>, _ rest: SIMD16<Float>, _ rectifies: Bool) -> SIMD16<Float> {
      rectifies ? gradient.replacing(with: 0, where: value(rest) .<= 0) : gradient
    }
  }

  @inline(__always)
  private func line(_ channel: Int, _ lanes: Int) -> Line {
    Line(
      factor: load(factors.pointer + channel, lanes), mean: load(means.pointer + channel, lanes),
      bias: load(biases.pointer + channel, lanes))
  }
}
