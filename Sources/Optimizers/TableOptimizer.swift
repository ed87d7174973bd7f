import Buffers
import Configuration
import Gradients

/// Moves the rows of tables against their gradient, after the exchange: every rank makes the same update from the same
/// rows.
public protocol TableOptimizer: AnyObject {
  /// Updates made so far. Set it only to resume: Adam's bias correction depends on it.
  var updates: Int { get set }

  /// Global batch of the next update ÷ base batch, for `l2Scaling`.
  var batchRatio: Double { get set }

  /// The state between updates: arrays named `TABLE.firstMoment` and so on, each `[rows, width]` as its table, or
  /// `[rows]` where a row has one number. Empty for plain gradient descent.
  var state: [OptimizerState] { get }

  /// Whether an update leaves rows without a gradient as they are, weights and state.
  var movesTouchedRowsOnly: Bool { get }

  /// One update, in place, of the rows that this rank is to move.
  ///
  /// - Parameters:
  ///   - parameters: the whole parameter arena; what is not a table stays as it is.
  ///   - gradients: of the mean loss over the global batch.
  ///   - learningRate: for this update.
  ///   - gradientScale: what clipping multiplies every gradient by (`GradientClipping.scale`).
  func update(
    parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double, gradientScale: Float)
}

/// Nil where the model has no tables.
///
/// - Parameter batchRatio: global batch ÷ base batch of the first update.
public func makeTableOptimizer(
  _ configuration: TablesConfiguration, layout: ParameterLayout, batchRatio: Double = 1, in memory: StateMemory = .own
) -> (any TableOptimizer)? {
  layout.tables.isEmpty ? nil : RowOptimizer(configuration, layout: layout, batchRatio: batchRatio, in: memory)
}

extension TablesConfiguration.Optimizer {
  /// Floats that the optimiser remembers for the rows of `[rows, width]`.
  public func stateCount(rows: Int, width: Int) -> Int {
    switch self {
    case .sgd: 0
    case .rowwiseAdagrad: rows
    case .adagrad: rows * width
    case .adam, .lazyAdam, .ftrl: 2 * rows * width
    }
  }

  /// Name of each array of state, in its order.
  var stateNames: [String] {
    switch self {
    case .sgd: []
    case .adagrad, .rowwiseAdagrad: ["accumulator"]
    case .adam, .lazyAdam: ["firstMoment", "secondMoment"]
    case .ftrl: ["linear", "accumulator"]
    }
  }
}
