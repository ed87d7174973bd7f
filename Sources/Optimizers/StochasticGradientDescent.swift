import Buffers
import Configuration
import Gradients
import Kernels

/// Gradient descent with optional momentum (heavy ball or Nesterov) and L2 weight decay, as `torch.optim.SGD` with no
/// dampening; and `LARS`, which moves each array at a rate of its own. The learning rate multiplies the velocity, not the
/// gradient: a change of rate acts at once.
public final class StochasticGradientDescent: Optimizer {
  /// Counts the updates; the rule does not depend on it.
  public var updates = 0
  /// Of the velocity.
  public var aging: Aging?
  /// Of the last update by LARS: the factor of each array that has one of its own, in the layout's order; else empty.
  public private(set) var trustRatios: [Double] = []
  private let configuration: OptimizerConfiguration
  /// Nil in plain descent.
  private let lars: LARS?
  /// Parts of the arena that move alike, as long as can be. `adapts`: at a rate of its own, in LARS.
  private let stretches: [(range: Range<Int>, adapts: Bool)]
  private let clipping: GradientClipping?
  /// `[layout.denseCount]`; nil without momentum.
  private let velocity: Tensor?

  /// The velocity is 0 at first, `[layout.denseCount]`; there is none without momentum.
  public init(_ configuration: OptimizerConfiguration, layout: ParameterLayout, in memory: StateMemory) {
    self.configuration = configuration
    lars = LARS(configuration)
    stretches = lars == nil ? layout.trainedRanges.map { ($0, false) } : LARS.stretches(of: layout)
    clipping = configuration.clipNorm.map { GradientClipping(limit: $0, layout: layout) }
    velocity = configuration.momentum == 0 ? nil : memory.tensor(Shape(layout.denseCount))
  }

  /// The velocity, in the layout of the gradient arena; empty without momentum.
  public var state: [OptimizerState] { velocity.map { [OptimizerState(name: "velocity", arena: $0)] } ?? [] }

  /// False where a norm comes first.
  public var movesByPart: Bool { clipping == nil && lars == nil }

  /// Moves all trained ranges, clipped by the global norm where the configuration says so.
  @discardableResult
  public func update(
    parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double
  ) throws -> Double? {
    let norm = clipping?.norm(of: gradients)
    guard norm?.isFinite ?? true else { return norm }
    let plain = OptimizerLoops.DescentRates(
      learningRate: Float(learningRate),
      momentum: Float(aging?.decay(configuration.momentum) ?? configuration.momentum),
      weightDecay: Float(configuration.weightDecay), gradientScale: clipping?.scale(forNorm: norm) ?? 1)
    let arena = gradients.arena
    trustRatios.removeAll(keepingCapacity: true)
    try gradients.forEachPart { part in
      for (range, adapts) in stretches where range.overlaps(part) {
        let rates = adaptedRates(plain, parameters.slice(range), arena.slice(range), adapts: adapts)
        update(parameters, arena, in: range.clamped(to: part), rates)
      }
    }
    updates += 1
    return norm
  }

  /// Plain descent's, where there is no LARS.
  private func adaptedRates(
    _ plain: OptimizerLoops.DescentRates, _ weights: Tensor, _ gradient: Tensor, adapts: Bool
  ) -> OptimizerLoops.DescentRates {
    guard let lars else { return plain }
    guard adapts else { return lars.rates(plain, factor: nil) }
    let ratio = lars.trustRatio(plain, weights: weights, gradient: gradient)
    trustRatios.append(ratio)
    return lars.rates(plain, factor: ratio)
  }

  private func update(
    _ parameters: Tensor, _ gradients: Tensor, in range: Range<Int>, _ rates: OptimizerLoops.DescentRates
  ) {
    var weights = parameters.buffer.extracting(range).mutableSpan
    let gradient = gradients.buffer.extracting(range).span
    guard let velocity else { return OptimizerLoops.descend(&weights, gradients: gradient, rates) }
    var speed = velocity.buffer.extracting(range).mutableSpan
    if configuration.nesterov {
      OptimizerLoops.descendWithNesterov(&weights, gradients: gradient, velocity: &speed, rates)
    } else {
      OptimizerLoops.descendWithMomentum(&weights, gradients: gradient, velocity: &speed, rates)
    }
  }
}
