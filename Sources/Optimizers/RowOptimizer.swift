import Buffers
import Configuration
import Gradients
import Kernels

/// All of `TablesConfiguration.Optimizer`: each is one rule for the rows that have a gradient, and for Adam with dense
/// semantics also for those that have none.
///
/// - Adagrad and Adam as `torch.optim.Adagrad` and `torch.optim.Adam` on a dense gradient, LazyAdam as
///   `torch.optim.SparseAdam` (bias correction by the count of all updates, epsilon beside √v before it is corrected).
/// - L2 is added to the gradient of touched rows, with dense Adam of all rows where `l2Rows` says so; FTRL has it in its closed
///   form.
final class RowOptimizer: TableOptimizer {
  private struct Table {
    let range: Range<Int>
    let width: Int
    /// The least length that CowClip takes a row's weights to have: r · √d · ζ. Nil where it does not clip.
    let clipFloor: Float?
    /// In the order of `stateNames`.
    let state: [Tensor]
  }

  var updates = 0
  var batchRatio: Double
  let state: [OptimizerState]
  private let configuration: TablesConfiguration
  private let tables: [Table]
  /// A block of dense Adam's gradients.
  private let scratch: Tensor

  /// Small enough for the first-level cache beside what it is used with.
  private static let scratchFloats = 1024

  var movesTouchedRowsOnly: Bool { configuration.optimizer != .adam }

  init(_ configuration: TablesConfiguration, layout: ParameterLayout, batchRatio: Double, in memory: StateMemory) {
    self.configuration = configuration
    self.batchRatio = batchRatio
    tables = layout.tables.map { Self.table($0, configuration, memory) }
    state = zip(layout.tables, tables).flatMap { entry, table in
      zip(configuration.optimizer.stateNames, table.state).map {
        OptimizerState(name: "\(entry.parameter.name).\($0)", arena: $1)
      }
    }
    scratch = Tensor(Shape(max(Self.scratchFloats, tables.map(\.width).max() ?? 0)))
  }

  private static func table(
    _ entry: ParameterLayout.Entry, _ configuration: TablesConfiguration, _ memory: StateMemory
  ) -> Table {
    let (rows, width) = (entry.parameter.shape[0], entry.parameter.shape[1])
    let shape = configuration.optimizer == .rowwiseAdagrad ? Shape(rows) : Shape(rows, width)
    let clip = width > 1 ? configuration.cowClip : nil
    return Table(
      range: entry.range, width: width,
      clipFloor: clip.map { Float($0.ratio * Double(width).squareRoot() * $0.floor) },
      state: configuration.optimizer.stateNames.map { name in
        let arena = memory.tensor(shape)
        if name == "accumulator" { arena.fill(Float(configuration.initialAccumulator)) }
        return arena
      })
  }

  func update(
    parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double, gradientScale: Float
  ) {
    guard let rowGradients = gradients.tables else { preconditionFailure("tables without gradients") }
    updates += 1
    // Where all rows move, those with a gradient are found among them.
    let count = rowGradients.rows.count
    let own = movesTouchedRowsOnly ? gradients.ownTouchedRows(of: count) : 0..<count
    let ownRows = gradients.ownRows(of: rowGradients.tableRows)
    for (table, gradient) in zip(tables, rowGradients.tables) {
      let update = RowLoops.Update(
        weights: parameters.buffer.extracting(table.range), width: table.width,
        ids: rowGradients.rows.ids.extracting(own),
        gradients: gradient.values.buffer.extracting(own.lowerBound * table.width..<own.upperBound * table.width),
        gradientScale: gradientScale, l2: configuration.optimizer == .ftrl ? 0 : l2(table),
        clip: clip(table, rowGradients.rows.occurrences.extracting(own)))
      apply(update, table, rowGradients, ownRows, learningRate)
    }
  }

  private func l2(_ table: Table) -> Float {
    Float(configuration.scaledL2(width: table.width, batchRatio: batchRatio))
  }

  private func clip(_ table: Table, _ occurrences: UnsafeBufferPointer<Int32>) -> RowLoops.Update.Clip? {
    guard let ratio = configuration.cowClip?.ratio, let floor = table.clipFloor else { return nil }
    return RowLoops.Update.Clip(ratio: Float(ratio), floor: floor, occurrences: occurrences)
  }

  /// - Parameter ownRows: that move where all do.
  private func apply(
    _ update: RowLoops.Update, _ table: Table, _ gradients: TableGradients, _ ownRows: Range<Int>,
    _ learningRate: Double
  ) {
    let rate = Float(learningRate)
    func state(_ index: Int) -> UnsafeMutableBufferPointer<Float> { table.state[index].buffer }
    switch configuration.optimizer {
    case .sgd: RowLoops.update(update, RowLoops.Descent(learningRate: rate))
    case .adagrad: RowLoops.update(update, adagrad(rate), sum: state(0))
    case .rowwiseAdagrad: RowLoops.updateRowwise(update, adagrad(rate), sum: state(0))
    case .lazyAdam: RowLoops.update(update, adam(learningRate), firstMoment: state(0), secondMoment: state(1))
    case .adam:
      RowLoops.updateAll(
        update, adam(learningRate), firstMoment: state(0), secondMoment: state(1),
        numbers: gradients.rows.numbersByID(tableRows: gradients.tableRows), rows: ownRows, scratch: scratch.buffer,
        l2OfAllRows: configuration.l2Rows == .all)
    case .ftrl:
      // A rate of 0, at the end of a cosine, moves nothing; the rule divides by it.
      if rate > 0 { RowLoops.update(update, followTheRegularizedLeader(rate, table), linear: state(0), sum: state(1)) }
    }
  }

  private var epsilon: Float { BiasCorrection.epsilon(configuration.epsilon) }

  private func adagrad(_ rate: Float) -> RowLoops.Adagrad { RowLoops.Adagrad(learningRate: rate, epsilon: epsilon) }

  /// In doubles until the last.
  private func adam(_ learningRate: Double) -> RowLoops.Adam {
    let correction = BiasCorrection(beta1: configuration.beta1, beta2: configuration.beta2, updates: updates)
    let isLazy = configuration.optimizer == .lazyAdam
    return RowLoops.Adam(
      stepSize: Float(learningRate / correction.first * (isLazy ? correction.secondRoot : 1)),
      secondMomentFactor: isLazy ? 1 : Float(1 / correction.secondRoot),
      oneMinusBeta1: Float(1 - configuration.beta1), beta2: Float(configuration.beta2),
      oneMinusBeta2: Float(1 - configuration.beta2), epsilon: epsilon)
  }

  private func followTheRegularizedLeader(_ rate: Float, _ table: Table) -> RowLoops.FollowTheRegularizedLeader {
    RowLoops.FollowTheRegularizedLeader(
      learningRate: rate, beta: Float(configuration.beta), l1: Float(configuration.l1), l2: l2(table),
      initialAccumulator: Float(configuration.initialAccumulator))
  }
}

extension TablesConfiguration {
  /// - Parameters:
  ///   - width: of the table's rows.
  ///   - batchRatio: global batch ÷ base batch.
  func scaledL2(width: Int, batchRatio: Double) -> Double {
    let l2 = width == 1 ? idWeightsL2 ?? l2 : l2
    return switch l2Scaling {
    case .none: l2
    case .linear: l2 * batchRatio
    case .squareRoot: l2 * batchRatio.squareRoot()
    }
  }
}
