import Buffers
import Configuration
import Foundation
import Optimizers
import Testing

@Suite struct LAMBTests {
  static let configurations: [OptimizerConfiguration] = [
    .test(.lamb),
    .test(.lamb, weightDecay: 0.1),
    .test(.lamb, weightDecay: 0.1, clipNorm: 0.5),
    bounded(.test(.lamb, weightDecay: 0.1), atLeast: 4, atMost: nil),
    bounded(.test(.lamb), atLeast: nil, atMost: 0.5),
  ]

  private static func bounded(
    _ configuration: OptimizerConfiguration, atLeast: Double?, atMost: Double?
  ) -> OptimizerConfiguration {
    var configuration = configuration
    (configuration.weightNormAtLeast, configuration.weightNormAtMost) = (atLeast, atMost)
    return configuration
  }

  /// Twenty updates in floats stay within a few roundings a step of the rule in doubles, array by array.
  @Test(arguments: configurations) func agreesWithTheRule(_ configuration: OptimizerConfiguration) {
    let fixture = Fixture()
    let optimizer = makeOptimizer(configuration, layout: fixture.layout)
    var reference = Reference(configuration, fixture)
    for step in 0..<20 {
      let gradients = fixture.gradients(step: step)
      let rate = 0.01 * Double(1 + step % 3)
      optimizer.step(fixture, gradients, rate)
      reference.update(fixture, gradients, rate)
      #expect(zip(optimizer.trustRatios, reference.ratios).allSatisfy { abs($0 / $1 - 1) < 1e-5 })
    }
    #expect(optimizer.updates == 20 && optimizer.trustRatios.count == 2)
    for index in fixture.trainedIndices {
      let (ours, theirs) = (Double(fixture.parameters.buffer[index]), reference.weights[index])
      #expect(abs(ours - theirs) < 1e-5, "\(ours) is not \(theirs)")
    }
  }

  /// An array's step has the norm rate · ‖w‖, whatever its gradient's size: without decay all of it is Adam's step, scaled.
  @Test(arguments: [1e-6, 1, 1e6] as [Float]) func stepsHaveTheSizeOfTheWeights(_ magnitude: Float) {
    let fixture = Fixture()
    let before = fixture.parameters.values.map { Double($0) }
    makeOptimizer(.test(.lamb), layout: fixture.layout)
      .step(fixture, fixture.gradients(step: 0, magnitude: magnitude), 0.01)
    for entry in fixture.layout.entries where entry.parameter.shape.rank > 1 {
      let step = norm(entry.range.map { Double(fixture.parameters.buffer[$0]) - before[$0] })
      #expect(abs(step / norm(entry.range.map { before[$0] }) - 0.01) < 1e-6)
    }
  }

  /// Biases and the weights of norms move as Adam moves them, decay or not.
  @Test func vectorsMoveAsInAdam() {
    let (lamb, adam) = (Fixture(), Fixture())
    let optimizers = (
      makeOptimizer(.test(.lamb, weightDecay: 0.3), layout: lamb.layout),
      makeOptimizer(.test(.adam), layout: adam.layout)
    )
    for step in 0..<5 {
      optimizers.0.step(lamb, lamb.gradients(step: step), 0.01)
      optimizers.1.step(adam, adam.gradients(step: step), 0.01)
    }
    for entry in lamb.layout.entries where entry.parameter.role == .trained && entry.parameter.shape.rank == 1 {
      for index in entry.range {
        #expect(abs(lamb.parameters.buffer[index] - adam.parameters.buffer[index]) < 1e-6)
      }
    }
  }

  /// Weights of 0 have no norm to move by, and a step of 0 none to be divided by: a factor of 1. A least norm moves weights of 0.
  @Test func startsFromZero() {
    func ratios(_ configuration: OptimizerConfiguration, gradient: Float) -> [Double] {
      let fixture = Fixture()
      fixture.parameters.fill(0)
      let optimizer = makeOptimizer(configuration, layout: fixture.layout)
      optimizer.step(fixture, fixture.gradients(step: 0, magnitude: gradient), 0.5)
      #expect(fixture.parameters.values.allSatisfy { $0.isFinite })
      return optimizer.trustRatios
    }
    #expect(ratios(.test(.lamb), gradient: 1) == [1, 1] && ratios(.test(.lamb), gradient: 0) == [1, 1])
    let bounded = ratios(Self.bounded(.test(.lamb), atLeast: 1e-3, atMost: nil), gradient: 1)
    #expect(bounded.allSatisfy { $0 > 0 && $0 < 1e-2 })
  }
}

private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// The rule as the paper writes it, in doubles, one number at a time.
private struct Reference {
  let configuration: OptimizerConfiguration
  var weights: [Double]
  private(set) var ratios: [Double] = []
  private var updates = 0
  private var first: [Double]
  private var second: [Double]

  init(_ configuration: OptimizerConfiguration, _ fixture: Fixture) {
    self.configuration = configuration
    weights = fixture.parameters.values.map { Double($0) }
    first = weights.map { _ in 0 }
    second = first
  }

  mutating func update(_ fixture: Fixture, _ gradients: Tensor, _ rate: Double) {
    updates += 1
    ratios = []
    let all = norm(fixture.trained(gradients))
    let clip = configuration.clipNorm.map { min(1, $0 / (all + 1e-6)) } ?? 1
    for entry in fixture.layout.entries where entry.parameter.role == .trained {
      let adapts = entry.parameter.shape.rank > 1
      let steps = entry.range.map { step($0, clip * Double(gradients.buffer[$0]), adapts) }
      var size = norm(entry.range.map { weights[$0] })
      size = max(size, configuration.weightNormAtLeast ?? 0)
      size = min(size, configuration.weightNormAtMost ?? .infinity)
      let ratio = adapts ? size / norm(steps) : 1
      if adapts { ratios.append(ratio) }
      for (index, step) in zip(entry.range, steps) { weights[index] -= rate * ratio * step }
    }
  }

  private mutating func step(_ index: Int, _ gradient: Double, _ adapts: Bool) -> Double {
    let (beta1, beta2) = (configuration.beta1, configuration.beta2)
    first[index] = beta1 * first[index] + (1 - beta1) * gradient
    second[index] = beta2 * second[index] + (1 - beta2) * gradient * gradient
    let mean = first[index] / (1 - pow(beta1, Double(updates)))
    let square = second[index] / (1 - pow(beta2, Double(updates)))
    let decay = adapts ? configuration.weightDecay : 0
    return mean / (square.squareRoot() + configuration.epsilon) + decay * weights[index]
  }
}
