import Buffers
import Configuration
import Foundation
import Gradients
import Optimizers
import Testing

/// Half-lives in samples: an update of k times the base batch ages what an optimiser remembers as k updates do.
@Suite struct AgingTests {
  /// One update ages by one: to say so changes no bit.
  @Test(arguments: OptimizerTests.configurations)
  func ofOneUpdateIsTheSameBits(_ configuration: OptimizerConfiguration) {
    let (plain, aged) = (Fixture(), Fixture())
    let first = makeOptimizer(configuration, layout: plain.layout)
    let second = makeOptimizer(configuration, layout: aged.layout)
    for step in 0..<5 {
      second.aging = Aging(step: 1, total: Double(step + 1))
      first.step(plain, plain.gradients(step: step), 0.1)
      second.step(aged, aged.gradients(step: step), 0.1)
    }
    #expect(Array(plain.parameters.buffer) == Array(aged.parameters.buffer))
  }

  /// v ← mᵏ v + g, in doubles.
  @Test func velocityDecaysByItsPower() {
    let fixture = Fixture()
    let optimizer = makeOptimizer(.test(.sgd, momentum: 0.9), layout: fixture.layout)
    var weights = fixture.trained(fixture.parameters)
    var velocity = [Double](repeating: 0, count: weights.count)
    var total = 0.0
    for (step, ratio) in [1, 1, 5, 0.5, 25].enumerated() {
      total += ratio
      optimizer.aging = Aging(step: ratio, total: total)
      let gradients = fixture.gradients(step: step)
      optimizer.step(fixture, gradients, 0.1)
      for (index, gradient) in fixture.trained(gradients).enumerated() {
        velocity[index] = pow(0.9, ratio) * velocity[index] + gradient
        weights[index] -= 0.1 * velocity[index]
      }
    }
    for (ours, theirs) in zip(fixture.trained(fixture.parameters), weights) { #expect(abs(ours - theirs) < 2e-6) }
  }

  /// Moments begin at 0, and what is left of that is the product of all β: a gradient that never changes moves every weight by
  /// the rate in every update, whatever their batches.
  @Test(arguments: [OptimizerConfiguration.Kind.adam, .adamw])
  func momentsAreCorrectedByTheProduct(_ kind: OptimizerConfiguration.Kind) {
    let fixture = Fixture()
    let optimizer = makeOptimizer(.test(kind), layout: fixture.layout)
    let start = fixture.trained(fixture.parameters)
    let gradients = fixture.gradients(step: 1)
    var total = 0.0
    for ratio in [1, 4, 0.25, 16] {
      total += ratio
      optimizer.aging = Aging(step: ratio, total: total)
      optimizer.step(fixture, gradients, 0.1)
    }
    for ((before, after), gradient) in zip(zip(start, fixture.trained(fixture.parameters)), fixture.trained(gradients))
    {
      guard abs(gradient) > 1e-3 else { continue }
      #expect(abs(after - (before - 0.4 * (gradient > 0 ? 1 : -1))) < 1e-4, "\(before) became \(after)")
    }
  }

  /// The pull of L2 follows the batch of the update.
  @Test func tablesFollowTheBatch() throws {
    var configuration = TablesConfiguration(optimizer: .sgd)
    configuration.l2 = 0.01
    configuration.l2Scaling = .linear
    let (grown, alone) = (TableFixture(widths: [5]), TableFixture(widths: [5]))
    let first = try #require(makeTableOptimizer(configuration, layout: grown.layout, batchRatio: 1))
    let second = try #require(makeTableOptimizer(configuration, layout: alone.layout, batchRatio: 4))
    first.batchRatio = 4
    for step in 0..<3 {
      first.step(grown, grown.gradients(step: step), 0.1)
      second.step(alone, alone.gradients(step: step), 0.1)
    }
    #expect(grown.values(0) == alone.values(0))
    first.batchRatio = 1
    first.step(grown, grown.gradients(step: 3), 0.1)
    second.step(alone, alone.gradients(step: 3), 0.1)
    #expect(grown.values(0) != alone.values(0))
  }
}
