import Configuration
import Foundation
import Statistics
import StoredFiles
import Testing
import Training

/// What a run looked at besides, as `run.json` holds it.
@Suite struct CourseRecordTests {
  /// A run from before there was any of it, with some of it.
  private func record() throws -> RunRecord {
    var record = try RunRecord.read(StoredFiles.file("mlp/run.json"))
    record.configuration.measure = MeasureConfiguration(noiseScale: .init(everySteps: 3), distances: .init())
    record.epochs[0].noise = GradientNoise(
      steps: 4, dense: NoiseEstimate(trace: 8, squaredNorm: 0.5), tables: NoiseEstimate(trace: 1, squaredNorm: -1e-3))
    record.epochs[0].norms = StepNorms([.init(update: 1, gradient: 10), .init(update: 3, gradient: .infinity)])
    record.noiseAtStart = GradientNoise(steps: 1, dense: NoiseEstimate(trace: .nan, squaredNorm: 1))
    var distances = WeightDistances()
    (distances.updates, distances.learningRates, distances.total) = ([1, 2], [0.1, 0.05], [0.5, 1])
    distances.arrays = [.init(name: "dense1.weight", distances: [0.25, 0.5])]
    record.distances = distances
    return record
  }

  private func stored(_ record: RunRecord) throws -> (text: String, record: RunRecord) {
    let folder = try TemporaryFolder()
    let data = try RecordFile.encoder().encode(record)
    try data.write(to: folder.file("run.json"))
    return (String(decoding: data, as: UTF8.self), try RunRecord.read(folder.file("run.json")))
  }

  @Test func comesBack() throws {
    let record = try record()
    let (_, read) = try stored(record)
    #expect(read.configuration == record.configuration)
    #expect(read.epochs[0].noise == record.epochs[0].noise && read.epochs[0].norms == record.epochs[0].norms)
    #expect(read.epochs[1].noise == nil && read.epochs[1].norms == nil)
    #expect(read.noiseAtStart?.dense.trace.isNaN == true && read.distances == record.distances)
  }

  @Test func isNotWrittenWhereNobodyAsked() throws {
    let (text, _) = try stored(RunRecord.read(StoredFiles.file("mlp/run.json")))
    for key in ["measure", "noise", "noiseAtStart", "norms", "distances"] { #expect(!text.contains("\"\(key)\"")) }
  }

  @Test func listsOfOneLengthAreRequired() throws {
    var record = try record()
    record.distances?.total = [0.5]
    #expect(throws: ConfigurationError.self) { try stored(record) }
    record.distances?.total = [0.5, 1]
    record.distances?.updates = [2, 1]
    #expect(throws: ConfigurationError.self) { try stored(record) }
  }

  @Test func normsAreMeanVarianceAndQuantiles() throws {
    let norms = try #require(StepNorms((1...101).map { .init(update: Double($0), gradient: Double(2 * $0)) }))
    #expect(norms.steps == 101 && norms.updateMean == 51)
    // Of n whole numbers: n (n + 1) ÷ 12.
    #expect(abs(try #require(norms.updateVariance) - 101 * 102 / 12) < 1e-9)
    #expect(norms.gradient.median == 102 && norms.gradient.percentile5 == 12 && norms.gradient.percentile95 == 192)
    #expect(norms.gradient.percentile99 == 200 && norms.gradient.maximum == 202)
    #expect(StepNorms([]) == nil)
    #expect(try #require(StepNorms([.init(update: 1, gradient: 2)])).updateVariance == nil)
  }

  /// Twenty a factor of ten, where whole numbers lie close enough for it.
  @Test func distancesAreNotedAtLogSpacedUpdates() {
    let due = (0...100_000).filter { WeightDistances.isDue(afterUpdates: $0) }
    #expect(due.prefix(12) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13])
    for decade in [100, 1000, 10_000] { #expect(due.count { $0 > decade && $0 <= 10 * decade } == 20) }
    for (a, b) in zip(due, due.dropFirst()) where a >= 50 { #expect(abs(Double(b) / Double(a) - 1.122) < 0.03) }
    #expect(due.last == 100_000)
  }
}
