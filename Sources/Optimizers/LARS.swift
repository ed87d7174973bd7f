import Buffers
import Configuration
import Gradients
import Kernels

/// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017): gradient descent with momentum in which every array of
/// weights moves by a share of its own norm. With g the gradient plus decay · w:
///
/// v ← momentum · v + trust · ‖w‖ ÷ ‖g‖ · g; w ← w − rate · v
///
/// where the factor is 1 if either norm is 0. The denominator is that of SimCLR's optimiser (Chen et al. 2020), ‖gradient +
/// decay · w‖; the paper has ‖gradient‖ + decay · ‖w‖. As there, biases and the weights of norms (arrays of one dimension)
/// move as in plain descent, and without decay. The rate multiplies the velocity, as in `StochasticGradientDescent`.
public final class LARS: Optimizer {
  /// Updates made so far.
  public var updates = 0
  private let configuration: OptimizerConfiguration
  private let trust: Double
  private let arrays: [(range: Range<Int>, adapts: Bool)]
  private let clipping: GradientClipping?
  /// Of the arena's size; nil without momentum.
  private let velocity: Tensor?

  /// - Parameter layout: of the arenas that every `update` will bring.
  public init(_ configuration: OptimizerConfiguration, layout: ParameterLayout) {
    self.configuration = configuration
    trust = configuration.trust ?? OptimizerConfiguration.usualTrust
    arrays = layout.entries.filter { $0.parameter.role == .trained }.map { ($0.range, $0.parameter.shape.rank > 1) }
    clipping = configuration.clipNorm.map { GradientClipping(limit: $0, layout: layout) }
    velocity = configuration.momentum == 0 ? nil : Tensor(Shape(layout.denseCount))
  }

  /// The velocity, if there is one.
  public var state: [OptimizerState] { velocity.map { [OptimizerState(name: "velocity", arena: $0)] } ?? [] }

  /// One update, in place; see `Optimizer.update`.
  @discardableResult
  public func update(parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double) -> Double? {
    let norm = clipping?.norm(of: gradients)
    guard norm?.isFinite ?? true else { return norm }
    let scale = clipping?.scale(forNorm: norm) ?? 1
    for array in arrays {
      let (weights, gradient) = (parameters.slice(array.range), gradients.arena.slice(array.range))
      let factor = array.adapts ? localRate(weights, gradient, scale) : 1
      let rates = OptimizerLoops.DescentRates(
        learningRate: Float(learningRate), momentum: Float(configuration.momentum),
        weightDecay: array.adapts ? Float(factor * configuration.weightDecay) : 0,
        gradientScale: Float(factor * Double(scale)))
      update(weights, gradient, velocity?.slice(array.range), rates)
    }
    updates += 1
    return norm
  }

  /// trust · ‖w‖ ÷ ‖scale · gradient + decay · w‖.
  private func localRate(_ weights: Tensor, _ gradient: Tensor, _ scale: Float) -> Double {
    let weightNorm = OptimizerLoops.sumOfSquares(weights.buffer.span).squareRoot()
    let gradientNorm = OptimizerLoops.sumOfSquares(
      gradient.buffer.span, times: Double(scale), plus: weights.buffer.span, times: configuration.weightDecay
    ).squareRoot()
    return weightNorm > 0 && gradientNorm > 0 ? trust * weightNorm / gradientNorm : 1
  }

  private func update(
    _ weights: Tensor, _ gradient: Tensor, _ velocity: Tensor?, _ rates: OptimizerLoops.DescentRates
  ) {
    var values = weights.buffer.mutableSpan
    guard let velocity else { return OptimizerLoops.descend(&values, gradients: gradient.buffer.span, rates) }
    var speed = velocity.buffer.mutableSpan
    OptimizerLoops.descendWithMomentum(&values, gradients: gradient.buffer.span, velocity: &speed, rates)
  }
}
