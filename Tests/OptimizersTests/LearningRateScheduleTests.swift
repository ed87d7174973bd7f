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
      globalBatch: globalBatch, epochs: 4)
  }

  private func expect(_ schedule: LearningRateSchedule, _ expected: [Int: Double]) {
    for (step, rate) in expected {
      let found = Self.rate(schedule, step)
      #expect(abs(found - rate) < 1e-12, "step \(step): \(found) is not \(rate)")
    }
  }

  /// - Parameter step: of the run.
  private static func rate(_ schedule: LearningRateSchedule, _ step: Int) -> Double {
    schedule.rate(epoch: step / 10, step: step % 10, stepsInEpoch: 10)
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

  @Test func fallsAtPlateaus() {
    let rates = (0...2).map { schedule(.plateau).rate(epoch: 3, step: 1, stepsInEpoch: 10, plateaus: $0) }
    for (rate, expected) in zip(rates, [0.1, 0.01, 0.001]) { #expect(abs(rate - expected) < 1e-12) }
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
    for step in 0..<40 { #expect(Self.rate(scaled, step) == Self.rate(plain, step)) }
  }

  @Test func cosineStartsWhereWarmUpEnds() {
    // Thirty steps are left after the warm-up: half-way at step 25.
    let cosine = schedule(.cosine, scaling: .linear, globalBatch: 1024, warmUpEpochs: 1)
    expect(cosine, [0: 0.1, 5: 0.85, 10: 1.6, 25: 0.8, 40: 0])
  }

  /// The first step after the warm-up is already on the curve, not at its top.
  @Test func cosineMovesFromItsFirstStep() {
    let cosine = schedule(.cosine, warmUpEpochs: 1)
    // (1 + cos(π/30))/2
    expect(cosine, [10: 0.1, 11: 0.09972609476841367])
  }

  /// An epoch of few large steps has the rates of its place in the run.
  @Test func ratesFollowThePlaceInTheRunWhateverTheStepsOfAnEpoch() {
    let (steps, cosine) = (schedule(.steps, milestones: [1, 2.5]), schedule(.cosine))
    for (many, few) in [(0, 0), (10, 2), (20, 4), (25, 5), (30, 6), (35, 7)] {
      for schedule in [steps, cosine] {
        let rate = schedule.rate(epoch: few / 2, step: few % 2, stepsInEpoch: 2)
        #expect(abs(rate - Self.rate(schedule, many)) < 1e-12, "\(many) of 40, \(few) of 8")
      }
    }
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
