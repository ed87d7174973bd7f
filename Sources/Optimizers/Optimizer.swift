import Buffers
import Configuration
import Gradients

/// Moves the trained weights of an arena against their gradient: one flat pass, no layers, no names, no ranks. Every
/// rank makes the same update from the same numbers, so weights stay equal without being sent.
public protocol Optimizer: AnyObject {
  /// - Parameters:
  ///   - layout: of the arenas that every `update` will bring.
  ///   - memory: of its state.
  init(_ configuration: OptimizerConfiguration, layout: ParameterLayout, in memory: StateMemory)

  /// Updates made so far. Set it only to resume: Adam's bias correction depends on it.
  var updates: Int { get set }

  /// How far the next update ages what it remembers. Set it before an update whose batch decides that; nil: one update of the
  /// `updates` so far and itself.
  var aging: Aging? { get set }

  /// The arrays that it keeps between updates. Empty for plain gradient descent.
  var state: [OptimizerState] { get }

  /// Of the last update: the factor by which each array's step was fitted to its weights' norm, of arrays that have one; empty
  /// where the rule has no such factors.
  var trustRatios: [Double] { get }

  /// Whether each weight's update needs nothing but its own gradient, so that gradients may come part by part.
  var movesByPart: Bool { get }

  /// One update, in place, of what this rank is to move. Statistics and padding stay as they are.
  ///
  /// - Parameters:
  ///   - parameters: the whole parameter arena; its tables stay as they are (see `TableOptimizer`).
  ///   - gradients: of the mean loss over the global batch; in parts only where `movesByPart`.
  ///   - learningRate: for this update; see `LearningRateSchedule`.
  /// - Returns: the global gradient norm before clipping, where clipping is on and made it known. If that is not finite,
  ///   nothing was updated: the run has diverged, and its last finite weights are still there.
  /// - Throws: `MPIError` where a part does not arrive.
  @discardableResult
  func update(parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double) throws -> Double?
}

extension Optimizer {
  /// None.
  public var trustRatios: [Double] { [] }
}

/// An array that an optimiser keeps, in the layout of the parameter arena; a checkpoint writes it and reads it back in
/// place.
public struct OptimizerState {
  /// `velocity`, `firstMoment`, `secondMoment`.
  public let name: String
  /// The array itself: flat, `[layout.denseCount]`, or in the shape of a table's state.
  public let arena: Tensor
}

extension OptimizerConfiguration {
  /// How many arrays of the dense arena's size it keeps.
  public var stateArrays: Int {
    switch kind {
    case .sgd, .lars: momentum == 0 ? 0 : 1
    case .adam, .adamw, .lamb: 2
    }
  }
}

/// The optimiser that `kind` names, with its arrays zeroed.
public func makeOptimizer(
  _ configuration: OptimizerConfiguration, layout: ParameterLayout, in memory: StateMemory = .own
) -> any Optimizer {
  switch configuration.kind {
  case .sgd, .lars: StochasticGradientDescent(configuration, layout: layout, in: memory)
  case .adam, .adamw: Adam(configuration, layout: layout, in: memory)
  case .lamb: LAMB(configuration, layout: layout, in: memory)
  }
}
