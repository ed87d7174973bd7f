import Configuration
import Foundation
import Measurement
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Study summary")
struct StudySummaryTests {
  @Test("Where one rank was not run, efficiency is against the ranks that were")
  func efficiencyOfAnotherBase() throws {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], ranks: [2, 4])
    let scaling = try #require(StudySummary(study, SyntheticStudy.records(of: study)).rankScaling.first)
    #expect(scaling.referenceRanks == 2 && scaling.entries.map(\.ranks) == [2, 4])
    #expect(scaling.entries[0].speedUp == 1 && scaling.entries[0].efficiency == 1)
    #expect(abs(scaling.entries[1].efficiency - scaling.entries[1].speedUp / 2) < 1e-12)
    #expect(scaling.entries[1].speedUp > 1)
  }

  @Test("Over seeds: mean and standard deviation of times, shares, money and quality")
  func arithmetic() throws {
    let study = SyntheticStudy.study()
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    let point = try #require(summary.points(ranks: 2, scaling: .none).first { $0.place.globalBatch == 256 })
    // 16 steps of 1 ms + 1.28 ms + 0.4 ms.
    let epoch = try #require(point[.epochSeconds])
    #expect(abs(epoch.mean - 16 * 0.00268) < 1e-9)
    // Two seeds and four epochs, of both rules: equal work.
    #expect(epoch.count == 16 && epoch.standardDeviation == nil)
    #expect(abs(try #require(epoch.medianInterval).upper - epoch.mean) < 1e-12)
    #expect(abs(try #require(point[.communicationShare]).mean - 0.0004 / 0.00268) < 1e-9)
    #expect(abs(try #require(point[.epochExchangeTotalSeconds]).mean - 16 * 0.0008) < 1e-9)
    // 3.6 an hour is 0.001 a second.
    #expect(abs(try #require(point[.epochCost]).mean - 0.001 * 16 * 0.00268) < 1e-12)
    #expect(try #require(point[.epochExchangedBytes]).mean == 64000)
    #expect(try #require(point[.peakMemoryBytes]).mean == 2e8)
    #expect(abs(try #require(point[.epochCPUSeconds]).mean - 2 * (16 * 0.00268 + 0.05)) < 1e-9)
    let accuracy = try #require(point[.validationAccuracy])
    #expect(abs(accuracy.mean - (0.8 - 0.0256 + 0.015)) < 1e-9)
    #expect(abs(try #require(accuracy.standardDeviation) - 0.01 / 2.0.squareRoot()) < 1e-9)
    #expect(abs(try #require(point[.generalizationGap]).mean - 0.03) < 1e-9)
    #expect(point.trainingSource == .runningMean)
    #expect(point.curve.count == 4)
    #expect(abs(try #require(point.curve[0].validationAccuracy).mean - (accuracy.mean - 0.06)) < 1e-9)
  }

  @Test("The phases of training sum to the epoch")
  func phases() throws {
    let study = SyntheticStudy.study()
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    for point in summary.execution {
      let sum = Phase.ofTraining.reduce(0) { $0 + (point[Measure($1)]?.mean ?? 0) }
      #expect(abs(sum - (point[.epochSeconds]?.mean ?? 0)) < 1e-9)
    }
  }

  @Test("The base batch is one trial on both curves")
  func sharedBase() throws {
    let study = SyntheticStudy.study()
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    let fixed = try #require(summary.points(ranks: 2, scaling: .none).first)
    let linear = try #require(summary.points(ranks: 2, scaling: .linear).first)
    #expect(!fixed.isShared && linear.isShared)
    #expect(fixed.estimates == linear.estimates)
    #expect(summary.points.count == 6)
    #expect(summary.finishedTrials == 10)
    #expect(summary.points(ranks: 2, scaling: .linear).map(\.learningRate) == [0.1, 0.4, 1.6])
  }

  @Test("A study without the fixed rate has no curve for it")
  func linearOnly() throws {
    let study = SyntheticStudy.study(scaling: ["linear"])
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.scalings == [.linear])
    #expect(summary.points.count == 3)
    #expect(summary.points[0][.validationAccuracy] != nil)
    #expect(summary.recommendation != nil)
    #expect(summary.finishedTrials == 6)
    #expect(summary.points.allSatisfy { !$0.isShared })
  }

  @Test("A claim of the base batch is measured, though no curve has the fixed rate")
  func claimOfTheBaseBatch() throws {
    var study = SyntheticStudy.study(scaling: ["linear", "sqrt"])
    var base = StudyClaim.Place()
    base.values.globalBatch = 64
    study.claims = [SyntheticStudy.claim("validationAccuracy", of: base, atLeast: 0)]
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.claims[0].places == 1 && summary.claims[0].verdict == .agrees)
    #expect(summary.points.count { $0.isShared } == 1)
  }

  @Test("Diverged trials are counted and shown, missing ones are listed, neither is averaged in")
  func divergedAndMissing() throws {
    let study = SyntheticStudy.study(seeds: [1, 2, 3])
    let place = StudyPoint.Place(globalBatch: 1024, scaling: .linear, ranks: 2)
    let records = study.trials.compactMap { trial -> TrialRecord? in
      guard trial.globalBatch == 1024, trial.scaling == .linear else { return SyntheticStudy.record(trial, of: study) }
      return switch trial.seed {
      case 1: SyntheticStudy.record(trial, of: study)
      case 2: SyntheticStudy.diverged(trial, of: study)
      default: nil
      }
    }
    let summary = StudySummary(study, records)
    let point = try #require(summary.points.first { $0.place == place })
    #expect(point.seeds == [1])
    #expect(point.diverged.map(\.seed) == [2])
    #expect(point.diverged[0].reason == "loss is not finite")
    #expect(point.missingSeeds == [3])
    #expect(point[.validationAccuracy] == Estimate([0.81]))
    #expect(summary.divergedTrials == 1 && summary.missingTrials == 1 && summary.finishedTrials == 14)
    // A place where a seed diverged is not recommended.
    #expect(summary.recommendation?.goodEnough.contains(place) == false)
  }

  @Test("A single seed has no standard deviation, and the comparison says what it rests on")
  func singleSeed() throws {
    let study = SyntheticStudy.study(seeds: [1])
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.points.allSatisfy { $0[.validationAccuracy]?.standardDeviation == nil })
    let recommendation = try #require(summary.recommendation)
    guard case .nearBest(let tolerance, .validationSamples) = recommendation.criterion else {
      Issue.record("wrong criterion \(recommendation.criterion)")
      return
    }
    #expect(abs(tolerance - (0.81 * 0.19 / 1000).squareRoot()) < 1e-9)
    #expect(recommendation.seeds == 1)
  }

  @Test("A place that learns badly, by chance far apart, makes no other place look good enough")
  func badPlacesWidenNothing() throws {
    let study = SyntheticStudy.study(globalBatch: [64, 256, 1024], scaling: ["none"])
    let accuracies = [64: [0.900, 0.902], 256: [0.880, 0.882], 1024: [0.3, 0.6]]
    let records = study.trials.map {
      SyntheticStudy.record($0, of: study, accuracy: accuracies[$0.globalBatch]![Int($0.seed) - 1])
    }
    let recommendation = try #require(StudySummary(study, records).recommendation)
    #expect(recommendation.goodEnough == [recommendation.best] && recommendation.best.globalBatch == 64)
    guard case .nearBest(let tolerance, .seeds) = recommendation.criterion else {
      Issue.record("wrong criterion \(recommendation.criterion)")
      return
    }
    #expect(abs(tolerance - 0.002 / 2.0.squareRoot()) < 1e-9)
  }

  @Test("Time and money to the target, and how many seeds reached it")
  func target() throws {
    // Seed 1 ends at 0.81 and reaches 0.80 in epoch 4 (0.75, 0.77, 0.79, 0.81); seed 2 in epoch 4 too (0.76 … 0.80, 0.82)
    // or in epoch 3 exactly at 0.80.
    let study = SyntheticStudy.study(globalBatch: [64, 1024], target: 0.795)
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    let base = try #require(summary.points.first)
    #expect(base.reachedTarget == 2)
    #expect(base[.updatesToTarget] == Estimate([64 * 4, 64 * 3]))
    let epoch = 64 * (0.001 + 0.00032 + 0.0004)
    #expect(abs(try #require(base[.secondsToTarget]).mean - 3.5 * epoch) < 1e-9)
    #expect(abs(try #require(base[.costToTarget]).mean - 0.001 * 3.5 * epoch) < 1e-12)
    let fixed = try #require(summary.points.first { $0.place.globalBatch == 1024 && $0.place.scaling == .none })
    #expect(fixed.reachedTarget == 0)
    #expect(fixed[.secondsToTarget] == nil)
    let recommendation = try #require(summary.recommendation)
    #expect(recommendation.criterion == .target(value: 0.795))
    #expect(recommendation.recommended == StudyPoint.Place(globalBatch: 1024, scaling: .linear, ranks: 2))
    #expect(!recommendation.goodEnough.contains(fixed.place))
  }

  @Test("The fastest batch is not recommended where it costs quality")
  func recommendation() throws {
    let study = SyntheticStudy.study(scaling: ["none"])
    let recommendation = try #require(StudySummary(study, SyntheticStudy.records(of: study)).recommendation)
    #expect(recommendation.fastest.globalBatch == 1024)
    #expect(recommendation.cheapest?.globalBatch == 1024)
    #expect(recommendation.best.globalBatch == 64)
    #expect(recommendation.recommended.globalBatch == 64)
    let free = SyntheticStudy.study(price: 0)
    #expect(StudySummary(free, SyntheticStudy.records(of: free)).recommendation?.cheapest == nil)
  }

  @Test("Step time over the batch is the line that made it")
  func stepTime() throws {
    let study = SyntheticStudy.study(ranks: [1, 2])
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.stepTimeFits.map(\.ranks) == [2, 1])
    let fit = summary.stepTimeFits[0]
    #expect(abs(fit.linear.intercept - 0.0014) < 1e-9)
    #expect(abs(fit.linear.slope - 5e-6) < 1e-12)
    #expect(abs(try #require(fit.asymptoticSamplesPerSecond) - 200_000) < 1e-3)
    #expect(fit.overhead.map(\.globalBatch) == [64, 256, 1024])
    #expect(abs(fit.overhead[0].share - 0.0014 / 0.00172) < 1e-6)
  }

  @Test("Speed-up and efficiency, against the smallest rank count")
  func rankScaling() throws {
    let study = SyntheticStudy.study(ranks: [1, 2, 4])
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    let scaling = try #require(summary.rankScaling.last)
    #expect(scaling.globalBatch == 1024 && scaling.referenceRanks == 1)
    #expect(scaling.entries[0].speedUp == 1 && scaling.entries[0].efficiency == 1)
    let expected = 0.01124 / (0.001 + 0.00512 + 0.0004)
    #expect(abs(scaling.entries[1].speedUp - expected) < 1e-9)
    #expect(abs(scaling.entries[1].efficiency - expected / 2) < 1e-9)
    #expect(
      StudySummary(SyntheticStudy.study(), SyntheticStudy.records(of: SyntheticStudy.study())).rankScaling.isEmpty)
  }

  @Test("A projection needs two rank counts, and follows compute and wire")
  func projection() throws {
    let one = SyntheticStudy.study()
    #expect(StudySummary(one, SyntheticStudy.records(of: one)).projection == nil)
    let study = SyntheticStudy.study(ranks: [1, 2])
    let projection = try #require(StudySummary(study, SyntheticStudy.records(of: study)).projection)
    #expect(abs(projection.fit.compute.intercept - 0.001) < 1e-9)
    #expect(abs(projection.fit.compute.slope - 1e-5) < 1e-12)
    // 0.2 ms on the wire for 4000 bytes, of which a ring of two moves 2(P − 1)/P = 1 times; one rank count above 1 cannot tell
    // latency from bandwidth.
    guard case .study(let latency, let perByte) = projection.fit.network else {
      Issue.record("no ring")
      return
    }
    #expect(latency == 0 && abs(perByte - 0.0002 / 4000) < 1e-12)
    let sixteen = try #require(projection.strong.first { $0.ranks == 16 && $0.globalBatch == 1024 })
    #expect(abs(sixteen.terms.overhead + sixteen.terms.compute - 0.00164) < 1e-9)
    #expect(abs(sixteen.terms.exposed - 0.0002 * 15 / 8) < 1e-9)
    // The last of two waits for 0.2 ms, the last of sixteen for three times as long.
    #expect(abs(sixteen.terms.waiting - 0.0002 * 1.7688 / 0.5895) < 1e-6)
    #expect(sixteen.measuredStepSeconds == nil)
    #expect(projection.strong.first { $0.ranks == 2 }?.measuredStepSeconds != nil)
  }

  @Test("The summary as JSON has its measures by name")
  func encodable() throws {
    let study = SyntheticStudy.study(ranks: [1, 2], target: 0.795)
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    let data = try JSONEncoder().encode(summary)
    #expect(String(decoding: data, as: UTF8.self).contains(#""validationAccuracy":{"#))
  }

  @Test("A run that stopped inside its first epoch is scaled up, and says so")
  func extrapolated() throws {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.record(study.trials[0], of: study)
    record.run.epochs.removeLast(3)
    record.run.stepsPerEpoch = 32
    let point = try #require(StudySummary(study, [record]).points.first)
    #expect(point.isExtrapolated)
    #expect(abs(try #require(point[.epochSeconds]).mean - 32 * 0.00268) < 1e-9)
    #expect(abs(try #require(point[.communicationShare]).mean - 0.0004 / 0.00268) < 1e-9)
  }

  @Test("No results at all are a summary of missing trials")
  func empty() {
    let study = SyntheticStudy.study()
    let summary = StudySummary(study, [])
    #expect(summary.missingTrials == 10 && summary.finishedTrials == 0)
    #expect(summary.recommendation == nil && summary.stepTimeFits.isEmpty)
  }

  @Test("Every variant has curves, times and fits of its own, and one recommendation is made among all")
  func variants() throws {
    let study = SyntheticStudy.variants()
    let records = study.trials.map { trial in
      SyntheticStudy.record(trial, of: study, accuracy: trial.variant == "slow" ? 0.5 : nil)
    }
    let summary = StudySummary(study, records)
    #expect(summary.variants == ["plain", "slow"])
    #expect(summary.curves.count == 4)
    #expect(summary.points.count == 12 && summary.finishedTrials == 20 && summary.missingTrials == 0)
    #expect(summary.execution.count == 6)
    #expect(summary.stepTimeFits.map(\.variant) == ["plain", "slow"])
    #expect(summary.projection == nil)
    let slow = try #require(summary.points(ranks: 2, scaling: .none, variant: "slow").last)
    #expect(slow[.validationAccuracy]?.mean == 0.5)
    #expect(summary.recommendation?.recommended.variant == "plain")
  }

  @Test("A model with one score is judged by its AUC, another target by its own measure")
  func judgedBy() throws {
    var study = SyntheticStudy.study(scaling: ["none"], seeds: [1])
    let records = study.trials.map { trial in
      var record = SyntheticStudy.record(trial, of: study)
      for index in record.run.epochs.indices {
        // The larger the batch, the better the AUC and the worse the accuracy.
        record.run.epochs[index].validation?.areaUnderCurve = 0.6 + 1e-4 * Double(trial.globalBatch)
        record.run.epochs[index].validation?.normalizedEntropy = 0.9
      }
      return record
    }
    let summary = StudySummary(study, records)
    #expect(summary.judgedBy == .areaUnderCurve)
    let recommendation = try #require(summary.recommendation)
    #expect(recommendation.best.globalBatch == 1024 && recommendation.recommended.globalBatch == 1024)
    guard case .nearBest(let tolerance, .validationSamples) = recommendation.criterion else {
      Issue.record("wrong criterion \(recommendation.criterion)")
      return
    }
    #expect(tolerance > 0.005 && tolerance < 0.05)
    study.target = .init(validationAUC: 0.62)
    #expect(StudySummary(study, records).points.map(\.reachedTarget) == [0, 1, 1])
    study.target = .init(validationLoss: 0.5)
    let byLoss = StudySummary(study, records)
    #expect(byLoss.judgedBy == .loss)
    #expect(byLoss.points.map(\.reachedTarget) == [1, 0, 0])
    #expect(byLoss.recommendation?.best.globalBatch == 64)
  }

  @Test("Timed calls give the line that made them, the call's own share, and what fewer calls save")
  func calls() throws {
    let study = SyntheticStudy.parts()
    let chapter = try #require(StudyChapter.of(study, SyntheticStudy.partRecords(of: study)).first)
    let summary = StudySummary(chapter.study, chapter.records)
    #expect(summary.callCurves.map(\.kind) == [.prediction, .training])
    let curve = summary.callCurves[0]
    let linear = try #require(curve.linear)
    #expect(abs(linear.intercept - 1e-5) < 1e-12 && abs(linear.slope - 2e-6) < 1e-13)
    #expect(abs(try #require(curve.points[0].overheadShare) - 10.0 / 12) < 1e-6)
    #expect(curve.savings.map(\.examples) == [1, 5, 25])
    // 12 µs five times, or 20 µs once.
    #expect(abs(curve.savings[0].measured - (1 - 20.0 / 60)) < 1e-9)
    #expect(abs(try #require(curve.savings[0].modelled) - curve.savings[0].measured) < 1e-6)
    #expect(summary.execution.isEmpty && summary.recommendation == nil)
    #expect(summary.missingTrials == 0 && summary.finishedTrials == 4)
  }

  private func hasty(_ leastUpdates: Int) -> StudyClaim {
    var claim = SyntheticStudy.claim("validationAccuracy", of: .init(scaling: .linear), atLeast: 0)
    claim.leastUpdates = leastUpdates
    return claim
  }

  @Test("A claim about best settings is judged at the best of each by validation, and by what was not chosen by")
  func bestClaims() throws {
    var claim = SyntheticStudy.claim(
      "trainingLoss", of: .init(variant: "slow"), over: .init(variant: "plain"), atLeast: 0)
    claim.best = true
    var single = SyntheticStudy.claim("validationAccuracy", of: .init(variant: "slow"), atLeast: 0)
    single.best = true
    let study = SyntheticStudy.variants(claims: [claim, single])
    let records = study.trials.map { trial -> TrialRecord in
      // The slow one is best at 256, the plain one at 1,024.
      let best = trial.variant == "slow" ? 256 : 1024
      var record = SyntheticStudy.record(trial, of: study, accuracy: trial.globalBatch == best ? 0.75 : 0.5)
      for index in record.run.epochs.indices { record.run.epochs[index].training.loss = Double(trial.globalBatch) }
      record.run.finalTraining = Quality(loss: Double(trial.globalBatch), accuracy: 0.5)
      return record
    }
    let findings = StudySummary(study, records).claims
    #expect(findings[0].measured == 0.25 && findings[0].places == 1)
    #expect(findings[1].measured == 0.75 && findings[1].places == 1)
  }

  @Test("A claim is measured where it says, and judged by its own bounds, and not after too few updates")
  func claims() throws {
    let fast = SyntheticStudy.claim(
      "stepSeconds", of: .init(globalBatch: 1024, scaling: LearningRateConfiguration.Scaling.none),
      over: .init(globalBatch: 64), atLeast: 3, atMost: 4)
    let study = SyntheticStudy.variants(claims: [
      fast, SyntheticStudy.claim("validationAccuracy", of: .init(variant: "slow"), atLeast: 0.6),
      SyntheticStudy.claim("validationAUC", atLeast: 0),
      SyntheticStudy.claim("epochLoadSeconds", of: .init(variant: "plain"), overMeasure: "epochSeconds", atMost: 0.01),
      SyntheticStudy.claim("prediction.saving", atLeast: 0), hasty(64), hasty(65), hasty(257),
    ])
    let records = study.trials.map { trial in
      SyntheticStudy.record(trial, of: study, accuracy: trial.variant == "slow" ? 0.5 : nil)
    }
    let findings = StudySummary(study, records).claims
    let hasties: [ClaimFinding.Verdict] = [.agrees, .agrees, .notJudged]
    #expect(findings.map(\.verdict) == [.agrees, .differs, .notMeasured, .agrees, .notMeasured] + hasties)
    // Of updates in four epochs of batches 64, 256 and 1,024: 256, 64 and 16.
    #expect(findings.suffix(3).map(\.places) == [4, 2, 0])
    // 1 ms + 5 µs a sample + 0.4 ms, of both variants.
    #expect(abs(try #require(findings[0].measured) - 6.52 / 1.72) < 1e-6 && findings[0].places == 2)
    #expect(findings[1].measured == 0.5)
    #expect(findings[3].measured == 0)
    let calls = SyntheticStudy.parts(claims: [
      SyntheticStudy.claim("prediction.linearRSquared", atLeast: 0.98),
      SyntheticStudy.claim(
        "training.overheadSeconds", over: .init(), overMeasure: "prediction.overheadSeconds", atMost: 2),
      SyntheticStudy.claim("prediction.saving", of: .init(globalBatch: 5), atLeast: 0.3, atMost: 0.5),
      SyntheticStudy.claim("prediction.savingAtLargeOverhead", atLeast: 0.39, atMost: 0.41),
    ])
    let chapter = StudyChapter.of(calls, SyntheticStudy.partRecords(of: calls))[0]
    let ofCalls = StudySummary(chapter.study, chapter.records).claims
    #expect(ofCalls.map(\.verdict) == [.agrees, .differs, .agrees, .agrees])
    #expect(abs(try #require(ofCalls[1].measured) - 3) < 1e-6)
    // 1 − 60 µs ÷ 100 µs, where the call itself is half of the time.
    #expect(abs(try #require(ofCalls[3].measured) - 0.4) < 1e-9)
  }

  @Test("A claim of something that is not measured is an error with its place")
  func unknownMeasure() throws {
    let study = SyntheticStudy.variants(claims: [SyntheticStudy.claim("epochSecond", atLeast: 0)])
    let error = #expect(throws: StudyError.self) { try study.checkClaims() }
    #expect(error?.description.hasPrefix("study.yaml:7: 'epochSecond' is not a measure") == true)
    try SyntheticStudy.variants(claims: [SyntheticStudy.claim("training.exponent", atLeast: 0)]).checkClaims()
  }

  /// Taken for a ratio of the measure to itself, it would agree with every claim of 1.
  @Test(
    "A ratio of trials to the fit of calls is an error",
    arguments: [
      ("stepSeconds", "training.exponent"), ("training.exponent", "stepSeconds"),
    ])
  func mixedRatio(measure: String, below: String) throws {
    let claim = SyntheticStudy.claim(measure, overMeasure: below, atLeast: 0)
    let error = #expect(throws: StudyError.self) { try SyntheticStudy.variants(claims: [claim]).checkClaims() }
    #expect(error?.description.hasPrefix("study.yaml:7: '\(measure)' cannot be divided by '\(below)'") == true)
  }
}
