import Configuration
import Optimizers
import Testing

@Suite struct LearningRateScheduleTests {
  /// Ten steps an epoch, four epochs, base 0.1 at batch 64.
  private func schedule(
    _ kind: LearningRateConfiguration.Schedule = .constant, scaling: LearningRateConfiguration.Scaling = .none,
    globalBatch: Int = 64, warmUpEpochs: Double = 0, milestones: [Double] = []
  ) -> LearningRateSchedule {
    LearningRateSchedule(
      LearningRateConfiguration(
        base: 0.1, scaling: scaling, baseBatch: 64, schedule: kind, warmUpEpochs: warmUpEpochs, milestones: milestones,
        factor: 0.1),
      globalBatch: globalBatch, stepsPerEpoch: 10, epochs: 4)
  }

  private func expect(_ schedule: LearningRateSchedule, _ expected: [Int: Double]) {
    for (step, rate) in expected {
      #expect(
        abs(schedule.rate(step: step) - rate) < 1e-12, "step \(step): \(schedule.rate(step: step)) is not \(rate)")
    }
  }

  @Test func scalesWithTheBatch() {
    expect(schedule(globalBatch: 1024), [0: 0.1, 39: 0.1])
    expect(schedule(scaling: .linear, globalBatch: 1024), [0: 1.6, 39: 1.6])
    expect(schedule(scaling: .linear, globalBatch: 32), [0: 0.05])
    expect(schedule(scaling: .squareRoot, globalBatch: 1024), [0: 0.4])
    #expect(schedule(scaling: .squareRoot, globalBatch: 1024).scaledRate == 0.4)
  }

  @Test func dropsAtMilestones() {
    let steps = schedule(.steps, milestones: [1, 2.5])
    expect(steps, [0: 0.1, 9: 0.1, 10: 0.01, 24: 0.01, 25: 0.001, 39: 0.001])
  }

  @Test func followsACosineToZero() {
    // cos(π/4) = 0.7071067811865476
    expect(schedule(.cosine), [0: 0.1, 10: 0.08535533905932738, 20: 0.05, 30: 0.014644660940672627, 40: 0, 50: 0])
  }

  /// Goyal et al.: from the base to the scaled rate in equal increments, reached when the warm-up ends.
  @Test func warmsUpFromTheBase() {
    let linear = schedule(scaling: .linear, globalBatch: 1024, warmUpEpochs: 1)
    expect(linear, [0: 0.1, 1: 0.25, 5: 0.85, 9: 1.45, 10: 1.6, 39: 1.6])
    expect(schedule(scaling: .squareRoot, globalBatch: 1024, warmUpEpochs: 0.5), [0: 0.1, 1: 0.16, 4: 0.34, 5: 0.4])
  }

  @Test func warmsUpFromATenthWhereTheBaseIsNoClimb() {
    expect(schedule(warmUpEpochs: 1), [0: 0.01, 5: 0.055, 10: 0.1, 20: 0.1])
    expect(schedule(scaling: .linear, globalBatch: 32, warmUpEpochs: 1), [0: 0.005, 10: 0.05])
  }

  @Test(arguments: LearningRateConfiguration.Scaling.allCases)
  func scalingMakesNoDifferenceAtTheBaseBatch(_ scaling: LearningRateConfiguration.Scaling) {
    let scaled = schedule(.cosine, scaling: scaling, warmUpEpochs: 1)
    let plain = schedule(.cosine, warmUpEpochs: 1)
    for step in 0..<40 { #expect(scaled.rate(step: step) == plain.rate(step: step)) }
  }

  @Test func cosineStartsWhereWarmUpEnds() {
    // Thirty steps are left after the warm-up: half-way at step 25.
    let cosine = schedule(.cosine, scaling: .linear, globalBatch: 1024, warmUpEpochs: 1)
    expect(cosine, [0: 0.1, 5: 0.85, 10: 1.6, 25: 0.8, 40: 0])
  }

  @Test func milestonesHoldDuringWarmUp() {
    expect(schedule(.steps, warmUpEpochs: 2, milestones: [1]), [5: 0.0325, 10: 0.0055, 20: 0.01])
  }

  @Test func aMilestoneFarBeyondTheRunIsNeverReached() {
    expect(schedule(.steps, milestones: [1, 1e300]), [39: 0.01])
  }

  @Test func aWarmUpAsLongAsTheRunOnlyClimbs() {
    let climb = schedule(.cosine, scaling: .linear, globalBatch: 1024, warmUpEpochs: 8)
    expect(climb, [0: 0.1, 20: 0.475, 39: 0.83125])
  }
}
