import Buffers
import Kernels

/// Σ ‖aᵢ‖² ÷ bᵢ over a rank's microbatches of one step, of dense gradients and of tables apart: aᵢ is what microbatch i, of bᵢ
/// samples, adds to the global batch's gradient. Statistics and padding do not count.
///
/// Where microbatches add up in place, each one's part is what changed since the one before, against a copy: nothing of the
/// step is computed in another way because somebody looks.
public final class MicrobatchSquares {
  /// Of dense gradients, since `beginStep`.
  public private(set) var dense = 0.0
  /// Of tables' rows, since `beginStep`.
  public private(set) var tables = 0.0
  private let arena: GradientArena
  private let rows: TableGradients?
  /// What is trained of each layer.
  private let ranges: [[Range<Int>]]
  /// The backward pass reaches it last of those with tables.
  private let firstTableLayer: Int?
  /// The arena after the microbatch before; nil where each comes alone.
  private let before: Tensor?
  /// The same of each table's rows.
  private var rowsBefore: [RowsBefore]

  /// - Parameter rows: the rank's own row gradients, where the model has tables.
  public init(_ arena: GradientArena, layout: ParameterLayout, rows: TableGradients?) {
    self.arena = arena
    self.rows = rows
    let trained = layout.trainedRanges
    ranges = layout.layerRanges.map { layer in
      trained.filter { $0.overlaps(layer) }.map { $0.clamped(to: layer) }
    }
    firstTableLayer = layout.tables.map(\.layer).min()
    before = arena.accumulation.isAlone ? nil : Tensor(Shape(layout.denseCount))
    rowsBefore = rows?.tables.map { _ in RowsBefore() } ?? []
  }

  /// Forgets the last step.
  public func beginStep() { (dense, tables) = (0, 0) }

  /// A layer's gradients of one microbatch are there, and none of them has left.
  ///
  /// - Parameters:
  ///   - samples: of the microbatch.
  ///   - isFirst: the rank's first of the step.
  ///   - isLast: the rank's last of the step.
  public func layerDone(_ layer: Int, samples: Int, isFirst: Bool, isLast: Bool) {
    let squares = ranges[layer].reduce(0) { $0 + self.squares(in: $1, isFirst: isFirst, isLast: isLast) }
    dense += squares / Double(samples)
    guard layer == firstTableLayer, let rows else { return }
    let isAlone = before == nil
    for (index, table) in rows.tables.enumerated() {
      let squares = rowsBefore[index].squares(of: table, isFirst: isFirst || isAlone, isLast: isLast || isAlone)
      tables += squares / Double(samples)
    }
  }

  private func squares(in range: Range<Int>, isFirst: Bool, isLast: Bool) -> Double {
    let values = arena.gradients.buffer.extracting(range).span
    guard let before else { return OptimizerLoops.sumOfSquares(values) }
    let old = before.slice(range)
    let squares =
      isFirst ? OptimizerLoops.sumOfSquares(values) : OptimizerLoops.squaredDistance(values, old.buffer.span)
    if !isLast { old.copy(from: arena.gradients.slice(range)) }
    return squares
  }
}

/// A table's rows after the microbatch before; memory grows with them.
private struct RowsBefore {
  private var memory = AlignedMemory(byteCount: 0)
  private var count = 0

  /// Of what a microbatch added: rows that are new to the step were 0.
  mutating func squares(of table: RowGradients, isFirst: Bool, isLast: Bool) -> Double {
    let values = table.values
    let known = isFirst ? 0 : count
    let squares =
      OptimizerLoops.squaredDistance(values.buffer.extracting(0..<known).span, floats(known).span)
      + OptimizerLoops.sumOfSquares(values.buffer.extracting(known..<values.count).span)
    if !isLast { keep(values) }
    return squares
  }

  private mutating func keep(_ values: Tensor) {
    let bytes = values.count * MemoryLayout<Float>.stride
    if memory.byteCount < bytes { memory = AlignedMemory(byteCount: 2 * bytes) }
    count = values.count
    _ = floats(count).update(fromContentsOf: values.buffer)
  }

  private func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    .init(start: memory.baseAddress.assumingMemoryBound(to: Float.self), count: count)
  }
}
