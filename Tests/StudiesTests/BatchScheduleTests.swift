import Configuration
import Measurement
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// Studies of runs whose global batch changes.
@Suite("Batch schedules")
struct BatchScheduleTests {
  /// Two epochs of 64 samples an update, then two of 256, which take a third of the time.
  private static func grown(_ record: TrialRecord) -> TrialRecord {
    var record = record
    for index in [2, 3] {
      record.run.epochs[index].globalBatch = 256
      record.run.epochs[index].seconds /= 3
      record.run.epochs[index].ledger.steps = 16
      record.run.epochs[index].ledger.exchangedMessages = 16
    }
    return record
  }

  private static let study: StudyConfiguration = {
    var study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1, 2])
    study.run.batchSchedule = BatchScheduleConfiguration(milestones: [2], factor: 4)
    return study
  }()
  private static let records = SyntheticStudy.records(of: study).map(grown)

  @Test("An epoch's time is the mean of the run's, whatever the batch, and training takes all of them")
  func times() throws {
    let point = try #require(StudySummary(Self.study, Self.records).points.first)
    let seconds = Self.records[0].run.epochs.map(\.seconds)
    let mean = seconds.reduce(0, +) / 4
    let epoch = try #require(point[.epochSeconds])
    #expect(abs(epoch.value - mean) < 1e-12 * mean && epoch.count == 8)
    #expect(abs(try #require(point[.trainingSeconds]).value - 4 * mean) < 1e-9 * mean)
    #expect(abs(try #require(point[.samplesPerSecond]).value - 4096 / mean) < 1e-6)
    // 64 steps in two epochs, 16 in the other two.
    #expect(point[.epochExchangedMessages]?.value == 40)
    #expect(!point.isExtrapolated)
  }

  @Test("Time to a target is that of the epochs until then")
  func target() throws {
    var study = Self.study
    // The second epoch's.
    study.target = .init(validationAccuracy: 0.8 - 0.02 * 2 + 0.005)
    let record = Self.records[0]
    let measures = record.measures(cost: study.cost, target: study.target, epochSeconds: 10)
    let seconds = record.run.epochs.map(\.seconds)
    let whole = seconds.reduce(0, +)
    #expect(abs(try #require(measures[.trainingSeconds]) - 40) < 1e-9)
    #expect(abs(try #require(measures[.secondsToTarget]) - 40 * (seconds[0] + seconds[1]) / whole) < 1e-9)
  }

  @Test("Steps are those of the batch that the run began with, and nothing is projected from several")
  func steps() throws {
    var records = Self.records
    for index in records.indices {
      for epoch in 0..<4 {
        let median = epoch < 2 ? 0.002 : 0.005
        records[index].run.epochs[epoch].stepTimes = StepTimes(
          median: median, percentile95: median, percentile99: median, maximum: median)
      }
    }
    let summary = StudySummary(Self.study, records)
    #expect(summary.points[0][.stepSeconds]?.value == 0.002)
    #expect(summary.projection == nil)
    #expect(summary.projectionObstacle?.contains("changes while they train") == true)
  }

  @Test("A point has its stages with batch, rate, updates and noise; others have none")
  func stages() throws {
    let point = try #require(StudySummary(Self.study, Self.records).points.first)
    let stages = try #require(point.stages)
    #expect(stages.map(\.firstEpoch) == [1, 3] && stages.map(\.lastEpoch) == [2, 4])
    #expect(stages.map(\.globalBatch) == [64, 256] && stages.map(\.updates) == [128, 32])
    // 0.1 · (4096 ÷ 64 − 1) ÷ (1 − 0.9), then with 256.
    let noise = [63.0, 15]
    for (stage, expected) in zip(stages, noise) { #expect(abs(try #require(stage.firstNoise) - expected) < 1e-9) }
    #expect(point.curve.map(\.globalBatch) == [64, 64, 256, 256])
    for (epoch, expected) in zip(point.curve, [63.0, 63, 15, 15]) {
      #expect(abs(try #require(epoch.noiseScale) - expected) < 1e-9)
    }
    let plain = SyntheticStudy.study(globalBatch: [64], scaling: ["none"])
    let other = try #require(StudySummary(plain, SyntheticStudy.records(of: plain)).points.first)
    #expect(other.stages == nil && other.curve.allSatisfy { $0.noiseScale == nil && $0.globalBatch == nil })
  }

  @Test("Noise follows a half-life in samples, and is unknown of rules other than SGD")
  func noise() throws {
    var run = Self.records[0].run
    run.configuration.optimizer.halfLife = .samples
    // 0.9⁴ = 0.6561 at four times the base batch.
    #expect(abs(try #require(run.noiseScale(in: run.epochs[3])) - 0.1 * 15 / (1 - 0.6561)) < 1e-9)
    run.configuration.optimizer.kind = .adam
    #expect(run.noiseScale(in: run.epochs[3]) == nil)
  }

  @Test("A variant is run at the places that it says alone, and has one curve")
  func places() throws {
    var study = SyntheticStudy.study(globalBatch: [64, 256], scaling: ["none", "linear"], seeds: [1])
    func variant(_ name: String, batch: Int, _ scaling: LearningRateConfiguration.Scaling?) -> StudyVariant {
      var variant = StudyVariant(name: name, run: study.run)
      var at = StudyConfiguration.Axes(globalBatch: [batch], scaling: scaling.map { [$0] } ?? [], seed: [1])
      (at[.seed], at[.ranks]) = (nil, nil)
      if scaling == nil { at[.scaling] = nil }
      variant.at = at
      return variant
    }
    let variants = [
      variant("small", batch: 64, LearningRateConfiguration.Scaling.none),
      variant("large", batch: 256, LearningRateConfiguration.Scaling.none),
      variant("scaled", batch: 256, .linear), variant("both", batch: 256, nil),
    ]
    study.variants = variants
    let places = study.trials.map { "\($0.variant ?? "") \($0.globalBatch) \($0.scaling.rawValue)" }
    #expect(
      places == ["small 64 none", "large 256 none", "scaled 256 linear", "both 256 none", "both 256 linear"])
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.points.count == 5 && summary.missingTrials == 0)
    #expect(summary.points.allSatisfy { !$0.isShared })
  }
}
