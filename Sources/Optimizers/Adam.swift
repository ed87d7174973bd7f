import Buffers
import Configuration
import Gradients
import Kernels

/// Adam with L2 decay in the gradient, and AdamW with decoupled decay, as `torch.optim.Adam` and `torch.optim.AdamW`:
/// bias-corrected moments, epsilon outside the square root.
public final class Adam: Optimizer {
  /// Counts the updates; the bias corrections 1 − β₁ᵗ and 1 − β₂ᵗ depend on it.
  public var updates = 0
  /// Of both moments.
  public var aging: Aging?
  private let configuration: OptimizerConfiguration
  private let ranges: [Range<Int>]
  private let clipping: GradientClipping?
  private let firstMoment: Tensor
  private let secondMoment: Tensor

  /// Both moments are 0 at first, `[layout.denseCount]` each.
  public init(_ configuration: OptimizerConfiguration, layout: ParameterLayout, in memory: StateMemory) {
    self.configuration = configuration
    ranges = layout.trainedRanges
    clipping = configuration.clipNorm.map { GradientClipping(limit: $0, layout: layout) }
    firstMoment = memory.tensor(Shape(layout.denseCount))
    secondMoment = memory.tensor(Shape(layout.denseCount))
  }

  /// Both moments, in the layout of the gradient arena.
  public var state: [OptimizerState] {
    [
      OptimizerState(name: "firstMoment", arena: firstMoment),
      OptimizerState(name: "secondMoment", arena: secondMoment),
    ]
  }

  /// False where a norm comes first.
  public var movesByPart: Bool { clipping == nil }

  /// Moves all trained ranges, clipped by the global norm where the configuration says so.
  @discardableResult
  public func update(
    parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double
  ) throws -> Double? {
    let norm = clipping?.norm(of: gradients)
    guard norm?.isFinite ?? true else { return norm }
    updates += 1
    let rates = OptimizerLoops.AdamRates(
      configuration, learningRate: learningRate, aging ?? Aging(after: updates - 1),
      gradientScale: clipping?.scale(forNorm: norm) ?? 1)
    let arena = gradients.arena
    try gradients.forEachPart { part in
      for range in ranges where range.overlaps(part) { update(parameters, arena, in: range.clamped(to: part), rates) }
    }
    return norm
  }

  private func update(
    _ parameters: Tensor, _ gradients: Tensor, in range: Range<Int>, _ rates: OptimizerLoops.AdamRates
  ) {
    var weights = parameters.buffer.extracting(range).mutableSpan
    var mean = firstMoment.buffer.extracting(range).mutableSpan
    var square = secondMoment.buffer.extracting(range).mutableSpan
    OptimizerLoops.adam(
      &weights, gradients: gradients.buffer.extracting(range).span, firstMoment: &mean, secondMoment: &square, rates)
  }
}

extension OptimizerLoops.AdamRates {
  /// Of one update by Adam, AdamW or LAMB. In doubles until the last.
  init(_ configuration: OptimizerConfiguration, learningRate: Double, _ aging: Aging, gradientScale: Float) {
    let isDecoupled = configuration.kind == .adamw
    let correction = BiasCorrection(beta1: configuration.beta1, beta2: configuration.beta2, aging)
    let (beta1, beta2) = (aging.decay(configuration.beta1), aging.decay(configuration.beta2))
    self.init(
      stepSize: Float(learningRate / correction.first),
      secondMomentFactor: Float(1 / correction.secondRoot),
      oneMinusBeta1: Float(1 - beta1),
      beta2: Float(beta2),
      oneMinusBeta2: Float(1 - beta2),
      epsilon: BiasCorrection.epsilon(configuration.epsilon),
      weightDecay: isDecoupled ? 0 : Float(configuration.weightDecay),
      shrinkage: isDecoupled ? Float(1 - learningRate * configuration.weightDecay) : 1,
      gradientScale: gradientScale)
  }
}
