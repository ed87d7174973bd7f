import Configuration
import Foundation
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// Noise scales and distances of a study.
@Suite("Course of training")
struct CourseTests {
  private static let t = (0...40).map { Int((100 * pow(10, Double($0) / 20)).rounded()) }

  private func fit(_ law: (Double) -> Double) throws -> DistanceFit {
    try #require(DistanceFit(updates: Self.t, distances: Self.t.map { law(Double($0)) }))
  }

  @Test("A logarithmic curve is told from a power")
  func logarithmic() throws {
    let fit = try fit { 0.5 + 0.25 * log($0) }
    #expect(abs(fit.logarithm.intercept - 0.5) < 1e-12 && abs(fit.logarithm.slope - 0.25) < 1e-12)
    #expect(fit.logarithm.rSquared > 1 - 1e-12)
    #expect(fit.power.rSquared < fit.logarithm.rSquared && fit.root.rSquared < 0.9)
    #expect(fit.power.exponent < 0.35)
    #expect(fit.firstUpdate == 100 && fit.lastUpdate == 10_000 && fit.points == 41)
  }

  @Test("A power is told from a logarithm, and √t from both")
  func power() throws {
    let root = try fit { 3 * $0.squareRoot() }
    #expect(abs(root.power.exponent - 0.5) < 1e-12 && abs(root.power.factor - 3) < 1e-10)
    #expect(root.power.rSquared > 1 - 1e-12 && root.root.rSquared > 1 - 1e-12 && abs(root.root.factor - 3) < 1e-12)
    #expect(root.logarithm.rSquared < 0.95)
    let third = try fit { pow($0, 0.3) }
    #expect(abs(third.power.exponent - 0.3) < 1e-12 && third.root.rSquared < third.power.rSquared)
  }

  @Test("Too few distances, or none that are positive numbers, have no fit")
  func tooLittle() {
    #expect(DistanceFit(updates: [1, 2, 3, 4], distances: [1, 2, 3, 4]) == nil)
    #expect(DistanceFit(updates: [1, 2, 3, 4, 5], distances: [0, 2, 3, 4, 5]) == nil)
    #expect(DistanceFit(updates: [1, 2, 3, 4, 5], distances: [1, 2, .nan, 4, 5]) == nil)
    #expect(DistanceFit(updates: [0, 2, 3, 4, 5], distances: [1, 2, 3, 4, 5]) == nil)
  }

  private func record(steps: Int = 16, rates: (Int) -> Double) throws -> TrialRecord {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.looking(SyntheticStudy.records(of: study)[0])
    record.run.stepsPerEpoch = steps
    if let updates = record.run.distances?.updates { record.run.distances?.learningRates = updates.map(rates) }
    return record
  }

  private func updatesOfFit(_ record: TrialRecord) -> ClosedRange<Int>? {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], seeds: [1])
    let fit = StudySummary(study, [record]).points.first?.distances?.fit
    return fit.map { $0.firstUpdate...$0.lastUpdate }
  }

  /// 64 updates in four epochs of 16; 16, 18, 20, 22, 25, 28, 32, 35, 40, 45, 50, 56, 63, 64 are noted.
  @Test("What is fitted begins after the first epoch, and ends with the largest rate")
  func phase() throws {
    #expect(try updatesOfFit(record { _ in 0.1 }) == 16...64)
    #expect(try updatesOfFit(record { $0 <= 40 ? 0.1 : 0.01 }) == 16...40)
    // Warm-up.
    #expect(try updatesOfFit(record { $0 < 25 ? 0.004 * Double($0) : 0.1 }) == 25...64)
    // A cosine never stays.
    #expect(try updatesOfFit(record { cos(Double($0) / 50) }) == nil)
    #expect(try updatesOfFit(record(steps: 1000) { _ in 0.1 }) == nil)
    #expect(try updatesOfFit(record { _ in .nan }) == nil)
  }

  @Test("Measures are those of the record")
  func measures() throws {
    let record = try record { _ in 0.1 }
    let measures = record.measures(cost: .init(pricePerNodeHour: 1, ranksPerNode: 1), target: nil)
    #expect(measures[.noiseScaleAtStart] == 4 * 256 && measures[.noiseScaleAtEnd] == 64 * 256)
    // Of 8, 16, 32 and 64.
    #expect(measures[.noiseScale] == 24 * 256 && measures[.noiseScaleTables] == 12 * 256)
    #expect(measures[.weightDistance] == 4)
    #expect(abs(try #require(measures[.distanceLogarithmSlope]) - 1) < 1e-9)
    #expect(try #require(measures[.distanceLogarithmRSquared]) > 0.999_999)
    #expect(measures[.updateNormMean] == 2)
    // Four times 1, 2 and 3.
    let variance = try #require(measures[.updateNormVariance])
    #expect(abs(variance - 8.0 / 11) < 1e-12)
    // 1, 2 and 9: the last percentile lies at 2 + 0.98 · 7.
    let tail = try #require(measures[.gradientNormTail])
    #expect(abs(tail - 4.43) < 1e-12)
    let plain = SyntheticStudy.records(of: SyntheticStudy.study())[0]
      .measures(cost: .init(pricePerNodeHour: 1, ranksPerNode: 1), target: nil)
    for measure in [Measure.noiseScale, .noiseScaleAtStart, .updateNormMean, .distanceRootRSquared] {
      #expect(plain[measure] == nil)
    }
  }

  @Test("An epoch whose gradient cannot be told from 0 has a scale larger than all others")
  func untold() throws {
    var record = try record { _ in 0.1 }
    record.run.epochs[0].noise?.dense.squaredNorm = -1
    let cost = StudyConfiguration.Cost(pricePerNodeHour: 1, ranksPerNode: 1)
    let scale = try #require(record.measures(cost: cost, target: nil)[.noiseScale])
    #expect(scale == 48 * 256)
    record.run.epochs[1].noise?.dense.squaredNorm = 0
    record.run.epochs[3].noise?.dense.squaredNorm = 0
    #expect(record.measures(cost: cost, target: nil)[.noiseScale] == nil)
    #expect(record.measures(cost: cost, target: nil)[.noiseScaleAtEnd] == nil)
  }

  @Test("A point has the means over seeds, and each array's fit")
  func overSeeds() throws {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], seeds: [1, 2])
    let records = SyntheticStudy.records(of: study).map { record in
      SyntheticStudy.looking(record) { Double(record.trial.seed) * log($0 + 1) }
    }
    let course = try #require(StudySummary(study, records).points[0].distances)
    #expect(course.total.allSatisfy { $0.count == 2 })
    #expect(abs(course.total[0].mean - 1.5 * log(2)) < 1e-12)
    #expect(course.arrays.map(\.name) == ["dense1.weight", "dense1.bias"])
    let (weights, total) = (try #require(course.arrays.first?.fit), try #require(course.fit))
    #expect(abs(weights.logarithm.slope - 0.8 * total.logarithm.slope) < 1e-12)
    #expect(abs(weights.power.exponent - total.power.exponent) < 1e-12)
    let noise = try #require(StudySummary(study, records).points[0].curve[1].gradientNoise)
    #expect(noise.mean == 16 * 256 && noise.count == 2)
  }

  @Test("A study that measures noise makes four microbatches of a global batch")
  func microbatches() {
    var study = SyntheticStudy.study(globalBatch: [64, 4096], scaling: ["none"], ranks: [1], microBatchAtMost: 512)
    #expect(study.trials.compactMap { study.run(for: $0)?.microBatch } == [64, 512, 64, 512])
    study.run.measure = MeasureConfiguration(noiseScale: .init())
    #expect(study.trials.compactMap { study.run(for: $0)?.microBatch } == [16, 512, 16, 512])
  }

  private func critical(_ losses: [(Int, Double)]) -> Int? {
    CriticalBatch.globalBatch(of: losses.map { .init(globalBatch: $0.0, loss: $0.1) })
  }

  @Test("The critical batch is the largest whose loss is within the tolerance of every smaller one's")
  func criticalBatch() {
    #expect(critical([(32, 0.5), (64, 0.505), (128, 0.509), (256, 0.52)]) == 128)
    // In any order; the smallest is no worse than itself; a better loss of a smaller batch counts.
    #expect(critical([(256, 0.52), (32, 0.5), (128, 0.509), (64, 0.498)]) == 64)
    #expect(critical([(32, 0.5), (64, 0.7)]) == 32 && critical([(32, 0.5)]) == 32 && critical([]) == nil)
    // What one batch loses by chance a larger one may not.
    #expect(critical([(32, 0.5), (64, 0.52), (128, 0.5)]) == 128)
    #expect(critical([(32, 0.5), (64, .infinity), (128, .nan)]) == 32)
    #expect(critical([(32, 0.5), (64, 0.25), (128, 0.2)]) == 128)
  }

  @Test("A study of branches has the critical batch of each start, and judges claims about it")
  func branches() throws {
    var study = SyntheticStudy.variants()
    for index in 0..<2 { study.variants?[index].run.from = "saved/\(index)" }
    study.axes.scaling = [.linear]
    study.claims = [
      SyntheticStudy.claim("criticalBatch", of: .init(variant: "slow"), over: .init(variant: "plain"), atLeast: 3)
    ]
    try study.checkClaims()
    let losses = ["plain": [64: 0.5, 256: 0.51, 1024: 0.9], "slow": [64: 0.5, 256: 0.5, 1024: 0.505]]
    let records = SyntheticStudy.records(of: study).map { record in
      var record = record
      let loss = losses[record.trial.variant ?? ""]?[record.trial.globalBatch] ?? .nan
      for epoch in record.run.epochs.indices { record.run.epochs[epoch].training.loss = loss }
      return record
    }
    let summary = StudySummary(study, records)
    let found = try #require(summary.criticalBatches)
    #expect(found.map(\.globalBatch) == [256, 1024])
    #expect(found.allSatisfy { $0.smallest == 64 && $0.largest == 1024 })
    #expect(abs(try #require(summary.claims[0].measured) - 4) < 1e-12 && summary.claims[0].verdict == .agrees)
    study.claims?[0].best = true
    #expect(throws: StudyError.self) { try study.checkClaims() }
    // Runs that start from their seeds are no branches.
    #expect(StudySummary(SyntheticStudy.variants(), records).criticalBatches == nil)
  }
}
