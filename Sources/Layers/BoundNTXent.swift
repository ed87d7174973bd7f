import Buffers
import Kernels

/// NT-Xent on its memory. A step takes two rounds over the rank's microbatches, so that memory follows the microbatch and not
/// the global batch (as GradCache, Gao et al. 2021):
///
/// 1. `begin`; forward passes only, whose outputs `note` keeps; `units` are gathered over the ranks; `addUp` for each of the
///    rank's microbatches; `logSums` are gathered.
/// 2. Forward again, to the same outputs, and backward: `forward` and `backward` are this round's.
///
/// Every rank then has all projections and all sums, so it works out the whole gradient of its own rows by itself, of each as
/// an anchor and as a column of all others: nothing is detached, and nothing need be summed over ranks. All is done
/// microbatch by microbatch and tile by tile, in an order that no number of ranks changes.
///
/// Projections lie as `[2 · samples, width]`, both views of a sample next to each other, in the order of the global batch: a
/// rank's are one block.
public final class BoundNTXent: BoundLoss {
  private let loss: NTXent
  private let inverse: Float
  /// Floats of a projection.
  public let width: Int
  /// `[2 · maximumRows, tileColumns]`
  private let similarities: Tensor
  /// Of `gradientSamples`, `[2 · maximumRows, width]`.
  private let gradients: Tensor
  private var gradientSamples = 0..<0

  /// Samples of the global batch.
  private var samples = 0
  private var memory: Memory

  /// Columns of a tile: enough for matrix products to be fast, few enough to stay in a core's cache.
  static let tileColumns = 512

  /// Memory that follows the global batch; both views of each sample side by side.
  private struct Memory {
    /// `[2 · samples, width]`, of length 1.
    let units: Tensor
    /// `[2 · samples]`, before they were made 1.
    let lengths: Tensor
    /// `[2 · samples]`
    let logSums: Tensor
    var losses: [Double]
    var areRight: [Bool]

    init(samples: Int, width: Int) {
      units = Tensor(Shape(2 * samples, width))
      lengths = Tensor(Shape(2 * samples))
      logSums = Tensor(Shape(2 * samples))
      losses = Array(repeating: 0, count: 2 * samples)
      areRight = Array(repeating: false, count: 2 * samples)
    }

    var samples: Int { losses.count / 2 }
  }

  init(_ loss: NTXent, width: Int, maximumRows: Int) {
    self.loss = loss
    self.width = width
    inverse = Float(1 / loss.temperature)
    similarities = Tensor(Shape(2 * maximumRows, Self.tileColumns))
    gradients = Tensor(Shape(2 * maximumRows, width))
    memory = Memory(samples: 0, width: width)
  }
}

// The first round.

extension BoundNTXent {
  /// A step begins.
  ///
  /// - Parameter samples: of its global batch.
  public func begin(samples: Int) {
    // Allocates only where a global batch is larger than all before it.
    if samples > memory.samples { memory = Memory(samples: samples, width: width) }
    self.samples = samples
    gradientSamples = 0..<0
  }

  /// Keeps the projections of one view of a microbatch.
  public func note(_ outputs: Tensor, _ pass: Pass) {
    var units = self.units.buffer.mutableSpan
    var lengths = memory.lengths.slice(0..<2 * samples).buffer.mutableSpan
    UnitRows.normalize(
      outputs.buffer.span, width: width, into: &units, lengths: &lengths,
      first: 2 * pass.firstRowInGlobalBatch + pass.view, stride: 2)
  }

  /// All projections, of length 1: `[2 · samples, width]`. What other ranks noted is to be written here before `addUp`.
  public var units: Tensor { memory.units.rows(2 * samples) }

  /// For each row the logarithm of the sum over what it is compared with: `[2 · samples]`. What other ranks added up is to be
  /// written here before `backward`.
  public var logSums: Tensor { memory.logSums.slice(0..<2 * samples) }

  /// Adds up the losses of a microbatch's samples, in both views. Throws `OneDNNError`.
  public func addUp(_ microbatch: Range<Int>) throws {
    for (part, group) in parts(of: microbatch) {
      let rows = 2 * part.lowerBound..<2 * part.upperBound
      var sums = ContrastiveRows.Sums(rows: rows.count)
      try forEachTile(rows, group) { tile, similarities in
        var values = similarities.buffer.mutableSpan
        ContrastiveRows.add(&values, tile, inverse: inverse, to: &sums)
      }
      for (place, row) in rows.enumerated() {
        memory.logSums.buffer[row] = Float(sums.logSum(place))
        memory.losses[row] = sums.loss(place)
        memory.areRight[row] = sums.isRight(place)
      }
    }
  }

  /// Samples that are compared with those of one group. A sample that is alone in its group is compared with nothing.
  private func parts(of microbatch: Range<Int>) -> [(part: Range<Int>, group: Range<Int>)] {
    let size = loss.group ?? samples
    return (microbatch.lowerBound / size...(microbatch.upperBound - 1) / size).compactMap { number in
      let group = number * size..<min((number + 1) * size, samples)
      return group.count > 1 ? (microbatch.clamped(to: group), group) : nil
    }
  }

  /// Calls `body` with the cosines of some rows with all of their group, tile by tile: `[rows, columns]`.
  private func forEachTile(
    _ rows: Range<Int>, _ group: Range<Int>, _ body: (ContrastiveRows.Tile, Tensor) throws -> Void
  ) throws {
    let end = 2 * group.upperBound
    for first in stride(from: 2 * group.lowerBound, to: end, by: Self.tileColumns) {
      let tile = ContrastiveRows.Tile(rows: rows, columns: first..<min(first + Self.tileColumns, end))
      let values = similarities.slice(0..<tile.rows * tile.columns)
      var products = values.buffer.mutableSpan
      try MatrixProduct.multiply(
        unitRows(rows).buffer.span, unitRows(tile.columnRange).buffer.span, into: &products, rows: tile.rows,
        columns: tile.columns, inner: width, form: .transposedRight)
      try body(tile, values)
    }
  }

  private func unitRows(_ rows: Range<Int>) -> Tensor {
    memory.units.slice(rows.lowerBound * width..<rows.upperBound * width)
  }
}

// The second round.

extension BoundNTXent {
  /// Half of the loss of each sample's view, so that both views make the sample's mean; a sample is counted in its first view.
  /// `correct` counts views whose positive is more similar than every negative. Labels are not looked at.
  public func forward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) -> LossSums {
    sums(of: pass.firstRowInGlobalBatch..<pass.firstRowInGlobalBatch + pass.rows, views: [pass.view])
  }

  /// The same of both views of samples that were added up.
  public func sums(of samples: Range<Int>) -> LossSums { sums(of: samples, views: [0, 1]) }

  private func sums(of samples: Range<Int>, views: [Int]) -> LossSums {
    var sums = LossSums()
    for view in views {
      for (part, _) in parts(of: samples) {
        for row in part.lazy.map({ 2 * $0 + view }) {
          sums.loss += memory.losses[row] / 2
          sums.correct += memory.areRight[row] ? 0.5 : 0
        }
        sums.weight += Double(part.count) / 2
        sums.samples += view == 0 ? part.count : 0
      }
    }
    return sums
  }

  /// The gradient of the mean over the whole global batch, so that nothing is left to divide.
  public func backward(
    _ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, outputGradient: Tensor, _ pass: Pass
  ) throws {
    let mine = pass.firstRowInGlobalBatch..<pass.firstRowInGlobalBatch + pass.rows
    if mine != gradientSamples { try workOutGradients(of: mine) }
    for row in 0..<pass.rows {
      outputGradient.rowRange(row..<row + 1).copy(
        from: gradients.rowRange(2 * row + pass.view..<2 * row + pass.view + 1))
    }
  }

  /// Of both views of a microbatch, from similarities that are computed anew: all of them together would be the square of
  /// the global batch.
  private func workOutGradients(of microbatch: Range<Int>) throws {
    gradientSamples = microbatch
    gradients.rows(2 * microbatch.count).fill(0)
    for (part, group) in parts(of: microbatch) {
      let rows = 2 * part.lowerBound..<2 * part.upperBound
      let first = 2 * (part.lowerBound - microbatch.lowerBound)
      let target = gradients.rowRange(first..<first + rows.count)
      try forEachTile(rows, group) { tile, similarities in
        var weights = similarities.buffer.mutableSpan
        ContrastiveRows.weights(
          &weights, tile, inverse: inverse, rowLogSums: memory.logSums.slice(rows).buffer.span,
          columnLogSums: memory.logSums.slice(tile.columnRange).buffer.span)
        var sums = target.buffer.mutableSpan
        try MatrixProduct.multiply(
          similarities.buffer.span, unitRows(tile.columnRange).buffer.span, into: &sums, rows: tile.rows,
          columns: width, inner: tile.columns, accumulates: true)
      }
      var sums = target.buffer.mutableSpan
      UnitRows.backward(
        &sums, units: unitRows(rows).buffer.span, lengths: memory.lengths.slice(rows).buffer.span,
        factor: inverse / Float(2 * samples))
    }
  }
}

extension ContrastiveRows.Tile {
  fileprivate var columnRange: Range<Int> { firstColumn..<firstColumn + columns }
}
