import Buffers
import Configuration
import Gradients
import Optimizers

/// Three layers with padding after every array and statistics in the middle, so that the trained ranges are two.
struct Fixture {
  let layout: ParameterLayout
  let parameters: Tensor

  init() {
    let start = Parameter.Start.uniform(limit: 0.5)
    layout = ParameterLayout(layers: [
      [
        Parameter(name: "dense1.weight", shape: Shape(7, 19), start: start),
        Parameter(name: "dense1.bias", shape: Shape(19), start: start),
      ],
      [
        Parameter(name: "batchNorm1.weight", shape: Shape(19), start: .constant(1)),
        Parameter(name: "batchNorm1.bias", shape: Shape(19), start: start),
        Parameter(
          name: "batchNorm1.runningMean", shape: Shape(19), start: .constant(0.25),
          role: .statistic(.init(weight: 0.1, samples: 4))),
        Parameter(
          name: "batchNorm1.runningVariance", shape: Shape(19), start: .constant(1),
          role: .statistic(.init(weight: 0.1, samples: 4))),
      ],
      [
        Parameter(name: "dense2.weight", shape: Shape(19, 3), start: start),
        Parameter(name: "dense2.bias", shape: Shape(3), start: start),
      ],
    ])
    parameters = Tensor(Shape(layout.count))
    layout.initialize(parameters, seed: 7)
  }

  /// A made-up gradient for each step; statistics get one too, which an optimiser must not apply.
  func gradients(step: Int, magnitude: Float = 1) -> Tensor {
    let arena = Tensor(Shape(layout.count))
    let random = Philox(99, UInt64(step))
    for index in layout.entries.flatMap(\.range) {
      arena.buffer[index] = magnitude * (2 * Philox.unit(random.block(UInt64(index), 0).x) - 1)
    }
    return arena
  }

  /// The elements that an optimiser may touch, without padding, in arena order.
  var trainedIndices: [Int] {
    layout.entries.filter { $0.parameter.role == .trained }.flatMap { Array($0.range) }
  }

  var untouchedIndices: [Int] {
    let trained = Set(trainedIndices)
    return (0..<layout.count).filter { !trained.contains($0) }
  }

  func trained(_ arena: Tensor) -> [Double] { trainedIndices.map { Double(arena.buffer[$0]) } }
}

/// Gradients of which nothing is there before its part has arrived.
private final class Arrivals: GradientArrivals {
  private var parts: ArraySlice<Range<Int>>
  private let source: Tensor
  private let target: Tensor

  init(_ parts: [Range<Int>], from source: Tensor, to target: Tensor) {
    (self.parts, self.source, self.target) = (parts[...], source, target)
  }

  func next() -> Range<Int>? {
    let part = parts.popFirst()
    if let part { target.slice(part).copy(from: source.slice(part)) }
    return part
  }
}

extension OptimizerConfiguration {
  static func test(
    _ kind: Kind, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0, clipNorm: Double? = nil
  ) -> OptimizerConfiguration {
    OptimizerConfiguration(
      kind: kind, momentum: momentum, nesterov: nesterov, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
      weightDecay: weightDecay, clipNorm: clipNorm)
  }
}

extension Optimizer {
  /// One update of the fixture's parameters, as if `gradients` had come out of an exchange.
  @discardableResult
  func step(_ fixture: Fixture, _ gradients: Tensor, _ learningRate: Double) -> Double? {
    // Gradients that are here cannot fail to arrive.
    try! update(
      parameters: fixture.parameters, gradients: ReducedGradients(arena: gradients), learningRate: learningRate)
  }

  /// The same, where the gradients arrive in parts.
  func step(_ fixture: Fixture, _ gradients: Tensor, parts: [Range<Int>], _ learningRate: Double) throws {
    let arriving = Tensor(gradients.shape)
    arriving.fill(.nan)
    let arrivals = Arrivals(parts, from: gradients, to: arriving)
    try update(
      parameters: fixture.parameters, gradients: ReducedGradients(arena: arriving, arrivals: arrivals),
      learningRate: learningRate)
  }
}
