import Configuration
import Foundation
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Steps to a study's target") struct GoalCurveTests {
  private static let batches = [16, 64, 256, 1024, 4096]

  private static func study(seeds: [Int] = [1, 2, 3], ranks: [Int] = [1], claims: [StudyClaim]? = nil)
    -> StudyConfiguration
  {
    var study = SyntheticStudy.study(
      globalBatch: batches, scaling: ["none"], seeds: seeds, ranks: ranks, target: 0.8)
    study.axes[.learningRate] = [.number(0.1), .number(0.4)]
    study.claims = claims
    return study
  }

  /// Reaches the target in its second epoch, which ends after so many updates; nil never reaches it.
  private static func record(_ trial: Trial, _ study: StudyConfiguration, updates: Int?) -> TrialRecord {
    var record = SyntheticStudy.record(trial, of: study)
    for index in record.run.epochs.indices {
      let accuracy = index > 0 && updates != nil ? 0.85 : 0.5
      record.run.epochs[index].validation = Quality(loss: 0.5, accuracy: accuracy)
      record.run.epochs[index].updates = (updates ?? 100) / 2 * (index + 1)
    }
    return record
  }

  /// S = 200 (1 + 256 ÷ B) at a rate of 0.1, twice that at 0.4 but for the smallest batch; seeds 2 % to both sides.
  private static func updates(_ trial: Trial) -> Int {
    let rate = trial.values[.learningRate] == .number(0.4) ? 2.0 : 1
    let noise = 1 + 0.02 * (Double(trial.seed) - 2)
    return 2 * Int((100 * (1 + 256 / Double(trial.globalBatch)) * rate * noise).rounded())
  }

  private static func summary(
    _ study: StudyConfiguration, _ updates: (Trial) -> Int? = Self.updates
  ) -> StudySummary {
    StudySummary(study, study.trials.map { record($0, study, updates: updates($0)) })
  }

  @Test("Each batch at its best rate; slopes, knee and critical batch as they were made")
  func curve() throws {
    let summary = Self.summary(Self.study())
    let goals = try #require(summary.goals)
    #expect(goals.count == 1 && goals[0].points.map(\.globalBatch) == Self.batches && goals[0].unreached.isEmpty)
    #expect(goals[0].points.allSatisfy { $0.learningRate == 0.1 && $0.updates.count == 3 })
    let fit = try #require(goals[0].fit)
    #expect(abs(fit.criticalBatch / 256 - 1) < 0.02 && abs(fit.leastSteps / 200 - 1) < 0.02)
    #expect(fit.interval.contains(256) && fit.rSquared > 0.999)
    // E = 51,200 (1 + B ÷ 256) has doubled its 54,400 at 288, between 256 and 1,024.
    let knee = try #require(goals[0].knee)
    #expect(try abs(#require(knee.batch) - 288) < 15 && knee.interval?.contains(288) == true)
    let small = try #require(goals[0].smallSlope)
    let points = goals[0].points.prefix(3).map { (log2(Double($0.globalBatch)), log2($0.steps)) }
    #expect(abs(small.slope - (points[2].1 - points[0].1) / 4) < 0.01 && small.batches == [16, 64, 256])
    #expect(small.interval?.contains(small.slope) == true)
    #expect(try #require(goals[0].largeSlope).slope > -0.3)
  }

  @Test("A batch that a seed misses the target at is said, and in no figure; nobody's goal has none")
  func unreached() throws {
    let study = Self.study()
    let some = try #require(
      Self.summary(study) { $0.globalBatch == 4096 && $0.seed == 1 ? nil : Self.updates($0) }.goals)
    #expect(some[0].unreached == [4096] && some[0].points.map(\.globalBatch) == Array(Self.batches.dropLast()))
    #expect(some[0].fit?.count == 4)
    let none = try #require(Self.summary(study) { _ in nil }.goals)
    #expect(none[0].points.isEmpty && none[0].unreached == Self.batches)
    #expect(none[0].fit == nil && none[0].knee == nil && none[0].smallSlope == nil && none[0].prices.isEmpty)
    #expect(none[0].cheapest == nil && none[0].side(of: 64) == nil)
    let three = try #require(Self.summary(study) { $0.globalBatch < 1024 ? Self.updates($0) : nil }.goals)
    #expect(three[0].fit == nil && three[0].smallSlope != nil)
  }

  @Test("Without a target there is nothing, and one batch is no curve")
  func nothing() {
    var study = Self.study()
    study.target = nil
    #expect(Self.summary(study).goals == nil)
    var one = Self.study()
    one.axes.globalBatch = [64]
    #expect(Self.summary(one).goals == nil)
  }

  @Test("Times and money are those of the chosen rates, of all rank counts; the critical batch has two sides")
  func prices() throws {
    let goal = try #require(Self.summary(Self.study(ranks: [1, 2])).goals?.first)
    #expect(goal.prices.count == 10 && Set(goal.prices.map(\.ranks)) == [1, 2])
    let (cheapest, fastest) = (try #require(goal.cheapest), try #require(goal.fastest))
    #expect(goal.prices.allSatisfy { $0.cost >= cheapest.cost && $0.seconds >= fastest.seconds })
    #expect(goal.side(of: 16) == .atOrBelow && goal.side(of: 4096) == .above)
    let middle = try #require(goal.fit).criticalBatch
    #expect(goal.side(of: Int(middle)) == .undecided)
  }

  @Test("Claims about the fit have the four words from its own interval")
  func claims() throws {
    func claim(
      _ measure: String, over: String? = nil, atLeast: Double? = nil, atMost: Double? = nil
    ) -> StudyClaim {
      SyntheticStudy.claim(measure, overMeasure: over, atLeast: atLeast, atMost: atMost)
    }
    let study = Self.study(
      ranks: [1, 2],
      claims: [
        claim("goal.criticalBatch", atLeast: 50, atMost: 800), claim("goal.criticalBatch", atLeast: 800),
        claim("goal.rSquared", atLeast: 0.95), claim("goal.rSquared", atMost: 0.5),
        claim("goal.cheapestBatch", over: "goal.criticalBatch", atMost: 1e6), claim("goal.largeSlope", atLeast: -0.5),
        claim("goal.knee", over: "goal.criticalBatch", atLeast: 0.5, atMost: 2),
      ])
    try study.checkClaims()
    let found = Self.summary(study).claims
    #expect(found.map(\.verdict) == [.shown, .notShown, .agrees, .differs, .shown, .shown, .shown])
    let goal = try #require(Self.summary(study).goals?.first)
    #expect(found[0].interval == goal.fit?.interval && found[2].interval == nil)
    let ratio = try #require(found[6].interval)
    // At least as wide as either, and around the ratio.
    #expect(ratio.contains(try #require(found[6].measured)))
    #expect(ratio.upper / ratio.lower > goal.fit!.interval.upper / goal.fit!.interval.lower)
    let none = Self.summary(study) { _ in nil }.claims
    #expect(none.allSatisfy { $0.verdict == .notMeasured && $0.measured == nil })
  }

  @Test("A claim of steps to a goal needs a goal, and is of all batches")
  func wrongClaims() {
    var study = Self.study(claims: [SyntheticStudy.claim("goal.knee", of: .init(globalBatch: 64), atLeast: 1)])
    let ofBatch = #expect(throws: StudyError.self) { try study.checkClaims() }
    #expect(ofBatch?.description.contains("is of all global batches together") == true)
    study.claims = [SyntheticStudy.claim("goal.knee", atLeast: 1)]
    study.target = nil
    let without = #expect(throws: StudyError.self) { try study.checkClaims() }
    #expect(without?.description.contains("state the study's 'target'") == true)
    study.claims = [SyntheticStudy.claim("goal.nee", atLeast: 1)]
    let unknown = #expect(throws: StudyError.self) { try study.checkClaims() }
    #expect(unknown?.description.contains("goal.(smallSlope, ") == true)
  }
}
