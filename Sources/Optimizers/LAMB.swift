import Buffers
import Configuration
import Gradients
import Kernels

/// Adam's step with a length of its own for every array of weights (You et al. 2020, algorithm 2):
///
/// r = m̂ ÷ (√v̂ + ε) + λ · w; w ← w − rate · φ(‖w‖) ÷ ‖r‖ · r
///
/// where the factor is 1 if φ(‖w‖) or ‖r‖ is 0, and φ keeps ‖w‖ within the bounds of the configuration. Biases and the weights of
/// norms (arrays of one dimension) move as in Adam, with a factor of 1 and without decay, as they do in `LARS`.
public final class LAMB: Optimizer {
  /// Counts the updates; the bias corrections depend on it.
  public var updates = 0
  /// Of both moments.
  public var aging: Aging?
  /// Of the last update: φ(‖w‖) ÷ ‖r‖ of each array that has a factor of its own, in the layout's order.
  public private(set) var trustRatios: [Double] = []
  private let configuration: OptimizerConfiguration
  private let arrays: [(range: Range<Int>, adapts: Bool)]
  private let clipping: GradientClipping?
  private let firstMoment: Tensor
  private let secondMoment: Tensor

  /// Both moments are 0 at first, `[layout.denseCount]` each.
  public init(_ configuration: OptimizerConfiguration, layout: ParameterLayout, in memory: StateMemory) {
    self.configuration = configuration
    arrays = LARS.stretches(of: layout)
    clipping = configuration.clipNorm.map { GradientClipping(limit: $0, layout: layout) }
    firstMoment = memory.tensor(Shape(layout.denseCount))
    secondMoment = memory.tensor(Shape(layout.denseCount))
    trustRatios.reserveCapacity(arrays.count)
  }

  /// Both moments, in the layout of the gradient arena.
  public var state: [OptimizerState] {
    [
      OptimizerState(name: "firstMoment", arena: firstMoment),
      OptimizerState(name: "secondMoment", arena: secondMoment),
    ]
  }

  /// An array's norms come first.
  public var movesByPart: Bool { false }

  /// Moves all trained arrays, clipped by the global norm where the configuration says so.
  @discardableResult
  public func update(
    parameters: Tensor, gradients: borrowing ReducedGradients, learningRate: Double
  ) throws -> Double? {
    let norm = clipping?.norm(of: gradients)
    guard norm?.isFinite ?? true else { return norm }
    updates += 1
    trustRatios.removeAll(keepingCapacity: true)
    let rates = OptimizerLoops.AdamRates(
      configuration, learningRate: 1, aging ?? Aging(after: updates - 1),
      gradientScale: clipping?.scale(forNorm: norm) ?? 1)
    let arena = gradients.arena
    try gradients.forEachPart { _ in
      for (range, adapts) in arrays { update(parameters, arena, in: range, adapts: adapts, rates, learningRate) }
    }
    return norm
  }

  private func update(
    _ parameters: Tensor, _ gradients: Tensor, in range: Range<Int>, adapts: Bool, _ rates: OptimizerLoops.AdamRates,
    _ learningRate: Double
  ) {
    var rates = rates
    if !adapts { rates.weightDecay = 0 }
    var mean = firstMoment.buffer.extracting(range).mutableSpan
    var square = secondMoment.buffer.extracting(range).mutableSpan
    let squares = OptimizerLoops.lambMoments(
      parameters.buffer.extracting(range).span, gradients: gradients.buffer.extracting(range).span, firstMoment: &mean,
      secondMoment: &square, rates)
    let ratio = adapts ? trustRatio(squares) : 1
    if adapts { trustRatios.append(ratio) }
    var weights = parameters.buffer.extracting(range).mutableSpan
    OptimizerLoops.lambStep(
      &weights, firstMoment: firstMoment.buffer.extracting(range).span,
      secondMoment: secondMoment.buffer.extracting(range).span, rate: Float(learningRate * ratio), rates)
  }

  /// φ(‖w‖) ÷ ‖r‖.
  private func trustRatio(_ squares: (weights: Double, step: Double)) -> Double {
    var size = squares.weights.squareRoot()
    if let least = configuration.weightNormAtLeast { size = max(size, least) }
    if let most = configuration.weightNormAtMost { size = min(size, most) }
    return size > 0 && squares.step > 0 ? size / squares.step.squareRoot() : 1
  }
}
