import Batches
import Configuration
import Datasets
import Foundation
import Optimizers
import Testing
import Training

/// The plan, the rates and the noise of runs whose batch follows a schedule.
@Suite struct BatchScheduleTests {
  /// Smith et al. 2017, CIFAR-10: 50,000 samples, 200 epochs, a factor of five at three milestones.
  private static let samples = 50_000

  private static func run(base: Int, atMost: Int, rate: Double, momentum: Double) -> RunConfiguration {
    var run = RunConfiguration(
      model: .logistic, data: DataConfiguration(path: "nowhere"), globalBatch: base, epochs: 200)
    run.learningRate.base = rate
    run.optimizer.momentum = momentum
    run.batchSchedule = BatchScheduleConfiguration(milestones: [60, 120, 160], factor: 5, atMost: atMost)
    return run
  }

  private static func plan(_ run: RunConfiguration) throws -> BatchPlan {
    try BatchPlan(
      samples: samples, stages: run.batchStages.map { .init(firstEpoch: $0.firstEpoch, globalBatch: $0.globalBatch) },
      microBatch: run.microBatch)
  }

  /// ε of an epoch; the rate's own schedule is constant.
  private static func rate(_ run: RunConfiguration, _ epoch: Int) -> Double {
    LearningRateSchedule(run.learningRate, globalBatch: run.globalBatch, epochs: run.epochs)
      .rate(epoch: epoch, step: 0, stepsInEpoch: 1) * run.rateFactor(inEpoch: epoch)
  }

  /// ε N ÷ (B (1 − m)), which is what the rule keeps equal.
  private static func approximateNoise(_ run: RunConfiguration, _ epoch: Int) -> Double {
    rate(run, epoch) * Double(samples) / Double(run.globalBatch(inEpoch: epoch)) / (1 - run.optimizer.momentum)
  }

  private static func noise(_ run: RunConfiguration, _ epoch: Int) -> Double {
    RunRecord.noiseScale(
      learningRate: rate(run, epoch), samples: samples, globalBatch: run.globalBatch(inEpoch: epoch),
      momentum: run.optimizer.momentum)
  }

  private static let decay = run(base: 128, atMost: 128, rate: 0.1, momentum: 0.9)
  private static let hybrid = run(base: 128, atMost: 640, rate: 0.1, momentum: 0.9)
  private static let increase = run(base: 128, atMost: 5120, rate: 0.1, momentum: 0.9)
  private static let largerRate = run(base: 640, atMost: 5120, rate: 0.5, momentum: 0.9)
  private static let largerMomentum = run(base: 3200, atMost: 5120, rate: 0.5, momentum: 0.98)

  /// With the short last batch of every epoch, the updates are the sum of epochs · ⌈N ÷ B⌉, exactly.
  @Test func plansCountEveryUpdate() throws {
    func steps(_ run: RunConfiguration) throws -> Int { try Self.plan(run).steps(beforeEpoch: 200) }
    #expect(try steps(Self.decay) == 200 * 391)
    #expect(try steps(Self.hybrid) == 60 * 391 + 140 * 79)
    #expect(try steps(Self.increase) == 60 * 391 + 60 * 79 + 40 * 16 + 40 * 10)
    #expect(try steps(Self.largerRate) == 60 * 79 + 60 * 16 + 80 * 10)
    #expect(try steps(Self.largerMomentum) == 60 * 16 + 140 * 10)
    for run in [Self.decay, Self.hybrid, Self.increase, Self.largerRate, Self.largerMomentum] {
      let expected = (0..<200).reduce(0) { sum, epoch in
        let batch = run.globalBatch(inEpoch: epoch)
        return sum + (Self.samples + batch - 1) / batch
      }
      #expect(try steps(run) == expected)
    }
  }

  @Test func equalSchedulesHaveEqualNoise() {
    for epoch in 0..<200 {
      let expected = Self.approximateNoise(Self.decay, epoch)
      for run in [Self.hybrid, Self.increase, Self.largerRate, Self.largerMomentum] {
        let own = Self.approximateNoise(run, epoch)
        #expect(abs(own - expected) < 1e-12 * expected, "epoch \(epoch): \(own), not \(expected)")
        // The exact form has N ÷ B − 1: it is less by ε ÷ (1 − m).
        let least = Self.rate(run, epoch) / (1 - run.optimizer.momentum)
        #expect(abs(Self.noise(run, epoch) - (own - least)) < 1e-12 * expected)
      }
    }
    #expect(abs(Self.approximateNoise(Self.decay, 0) - 390.625) < 1e-9)
    #expect(abs(Self.approximateNoise(Self.decay, 199) - 3.125) < 1e-9)
    // The figures of the three beginnings with N ÷ B − 1.
    #expect(abs(Self.noise(Self.decay, 0) - 389.625) < 1e-9)
    #expect(abs(Self.noise(Self.largerRate, 0) - 385.625) < 1e-9)
    #expect(abs(Self.noise(Self.largerMomentum, 0) - 365.625) < 1e-9)
  }

  @Test func batchesBeyondTheDataAreRefused() throws {
    var run = Self.run(base: 3200, atMost: 60_000, rate: 0.1, momentum: 0)
    let error = #expect(throws: BatchError.self) { try Self.plan(run) }
    #expect(
      "\(error, default: "")"
        == "batchSchedule makes the global batch 60000 from epoch 121 on, but the training set holds only 50000 samples: "
        + "set batchSchedule.atMost to at most that, or use more data")
    // A milestone behind the run's end asks for nothing.
    run.epochs = 120
    #expect(try Self.plan(run).stages.map(\.globalBatch) == [3200, 16_000])
  }
}
