import Buffers
import Configuration
import Optimizers
import Testing

@Suite struct LARSTests {
  static let configurations: [OptimizerConfiguration] = [
    .test(.lars),
    .test(.lars, momentum: 0.9, weightDecay: 0.01),
    .test(.lars, momentum: 0.9, weightDecay: 0.5, clipNorm: 0.5),
    sumOfNorms(.test(.lars, momentum: 0.9, weightDecay: 0.5)),
    sumOfNorms(.test(.lars, momentum: 0.9, weightDecay: 0.5, clipNorm: 0.5)),
  ]

  private static func sumOfNorms(_ configuration: OptimizerConfiguration) -> OptimizerConfiguration {
    var configuration = configuration
    configuration.denominator = .sumOfNorms
    return configuration
  }

  /// Twenty updates in floats stay within a few roundings a step of the rule in doubles, array by array.
  @Test(arguments: configurations) func agreesWithTheRule(_ configuration: OptimizerConfiguration) {
    let fixture = Fixture()
    let optimizer = makeOptimizer(configuration, layout: fixture.layout)
    var expected = fixture.parameters.values.map { Double($0) }
    var velocity = expected.map { _ in 0.0 }
    for step in 0..<20 {
      let gradients = fixture.gradients(step: step)
      // The trust of 0.001 makes steps small: rates in the hundreds move weights by a share that can be seen.
      let rate = 100 * Double(1 + step % 3)
      optimizer.step(fixture, gradients, rate)
      let clip = scale(fixture.trained(gradients), configuration.clipNorm)
      for entry in fixture.layout.entries where entry.parameter.role == .trained {
        let adapts = entry.parameter.shape.rank > 1
        let decay = adapts ? configuration.weightDecay : 0
        let sums = entry.range.map { clip * Double(gradients.buffer[$0]) + decay * expected[$0] }
        let size = norm(entry.range.map { expected[$0] })
        let gradient = norm(entry.range.map { clip * Double(gradients.buffer[$0]) })
        let divisor = configuration.denominator == .sumOfNorms ? gradient + decay * size : norm(sums)
        let share = 0.001 * size / divisor
        for (place, sum) in zip(entry.range, sums) {
          velocity[place] = configuration.momentum * velocity[place] + (adapts ? share : 1) * sum
          expected[place] -= rate * velocity[place]
        }
      }
    }
    #expect(optimizer.updates == 20)
    let largest = expected.reduce(1) { max($0, abs($1)) }
    for index in fixture.trainedIndices {
      let ours = Double(fixture.parameters.buffer[index])
      #expect(abs(ours - expected[index]) < 1e-5 * largest, "\(ours) is not \(expected[index])")
    }
  }

  /// The two denominators are the same where weights and gradients point the same way, or nothing decays, and nowhere else.
  @Test func denominatorsDifferByTheAngle() {
    func ratios(_ denominator: OptimizerConfiguration.Denominator, decay: Double, along: Bool) -> [Double] {
      let fixture = Fixture()
      let gradients = fixture.gradients(step: 0)
      if along { gradients.copy(from: fixture.parameters) }
      var configuration = OptimizerConfiguration.test(.lars, weightDecay: decay)
      configuration.denominator = denominator
      let optimizer = makeOptimizer(configuration, layout: fixture.layout)
      optimizer.step(fixture, gradients, 0.1)
      return optimizer.trustRatios
    }
    func difference(decay: Double, along: Bool) -> Double {
      let pairs = zip(
        ratios(.normOfSum, decay: decay, along: along), ratios(.sumOfNorms, decay: decay, along: along))
      return pairs.map { abs($0 / $1 - 1) }.min() ?? .nan
    }
    #expect(ratios(.normOfSum, decay: 0.5, along: false).count == 2)
    #expect(difference(decay: 0, along: false) < 1e-12 && difference(decay: 0.5, along: true) < 1e-6)
    #expect(difference(decay: 0.5, along: false) > 0.01)
  }

  private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private func scale(_ gradients: [Double], _ limit: Double?) -> Double {
    limit.map { min(1, $0 / (norm(gradients) + 1e-6)) } ?? 1
  }

  /// What makes large rates safe: an array's step has the norm rate · trust · ‖w‖, whatever its gradient's size.
  @Test(arguments: [1e-6, 1, 1e6] as [Float]) func stepsHaveTheSizeOfTheWeights(_ magnitude: Float) {
    let fixture = Fixture()
    let before = fixture.parameters.values.map { Double($0) }
    makeOptimizer(.test(.lars), layout: fixture.layout)
      .step(fixture, fixture.gradients(step: 0, magnitude: magnitude), 10)
    for entry in fixture.layout.entries where entry.parameter.shape.rank > 1 {
      let step = norm(entry.range.map { Double(fixture.parameters.buffer[$0]) - before[$0] })
      #expect(abs(step / norm(entry.range.map { before[$0] }) - 0.01) < 1e-6)
    }
  }

  /// Weights of 0 have no norm to move by: they move as in plain descent.
  @Test func startsFromZero() {
    let fixture = Fixture()
    fixture.parameters.fill(0)
    let gradients = fixture.gradients(step: 0)
    makeOptimizer(.test(.lars), layout: fixture.layout).step(fixture, gradients, 0.5)
    for index in fixture.trainedIndices {
      #expect(fixture.parameters.buffer[index] == -0.5 * gradients.buffer[index])
    }
  }
}
