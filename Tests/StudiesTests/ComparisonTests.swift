import Buffers
import Configuration
import Foundation
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// Several studies beside each other.
@Suite("Comparison of studies") struct ComparisonTests {
  private static let study = SyntheticStudy.study(
    globalBatch: [64, 256], scaling: ["none", "linear"], seeds: [1, 2, 3], ranks: [2])

  private static let plain = SyntheticStudy.records(of: study)

  private static func compared(_ studies: [(String, StudyConfiguration, [TrialRecord])]) -> [ComparedStudy] {
    ComparedStudy.named(studies.map { (folder: $0.0, stored: StoredStudy($0.1, $0.2)) })
  }

  /// With epochs that scatter, and trials that scatter besides, around the law's times.
  private static func noisy(
    _ study: StudyConfiguration, stream: Int, slower: Double = 1, epochs: Float = 0.02, trials: Float = 0.01
  ) -> [TrialRecord] {
    let random = Philox(UInt64(stream), 0x4141)
    func scatter(_ trial: Int, _ epoch: Int, _ deviation: Float) -> Double {
      let words = random.block(UInt64(trial), UInt64(epoch))
      return exp(Double(Philox.normals(words.x, words.y, deviation: deviation).0))
    }
    let plain = study == Self.study ? Self.plain : SyntheticStudy.records(of: study)
    return plain.enumerated().map { trial, record in
      var record = record
      let ofTrial = scatter(trial, 1000, trials)
      for epoch in record.run.epochs.indices {
        record.run.epochs[epoch].seconds *= slower * ofTrial * scatter(trial, epoch, epochs)
      }
      return record
    }
  }

  @Test("The same study twice, two hundred times over: at most one difference in twenty is told")
  func sameTwice() throws {
    var (told, differences, pairs) = (0, 0, 0)
    for round in 0..<200 {
      let comparison = try StudyComparison(
        Self.compared([
          ("a", Self.study, Self.noisy(Self.study, stream: 2 * round)),
          ("b", Self.study, Self.noisy(Self.study, stream: 2 * round + 1)),
        ]))
      let found = comparison.timePairs.filter { $0.difference.verdict != .undecided }.count
      differences += found
      told += found > 0 ? 1 : 0
      pairs += comparison.timePairs.count
      // The same weights: nothing to tell in quality.
      #expect(comparison.qualityPairs.allSatisfy { $0.difference.hasSameBits && $0.difference.verdict == .undecided })
    }
    #expect(pairs == 400 && differences <= 20, "\(differences) of \(pairs) differences")
    // And in 95 % of comparisons none: with three standard deviations of room.
    #expect(told <= 19, "\(told) of 200 comparisons")
  }

  /// Epochs of a trial share its moment: without that, most trials that scatter more than their epochs would be told to differ.
  @Test("Where trials scatter more than epochs, epochs alone tell nothing")
  func scatterOfTrials() throws {
    var (told, byEpochs) = (0, 0)
    for round in 0..<100 {
      let comparison = try StudyComparison(
        Self.compared([
          ("a", Self.study, Self.noisy(Self.study, stream: 2 * round, epochs: 0.002, trials: 0.05)),
          ("b", Self.study, Self.noisy(Self.study, stream: 2 * round + 1, epochs: 0.002, trials: 0.05)),
        ]))
      told += comparison.timePairs.contains { $0.difference.verdict != .undecided } ? 1 : 0
      byEpochs += comparison.timePairs.contains { ($0.difference.pValue ?? 1) < 0.025 } ? 1 : 0
    }
    #expect(told <= 8 && byEpochs > 30, "\(told) and \(byEpochs) of 100")
  }

  @Test("A study that is a tenth slower is told to be, at every setting, by about a tenth")
  func slower() throws {
    let comparison = try StudyComparison(
      Self.compared([
        ("fast", Self.study, Self.noisy(Self.study, stream: 1)),
        ("slow", Self.study, Self.noisy(Self.study, stream: 2, slower: 1.1)),
      ]))
    #expect(comparison.timePairs.map(\.place.globalBatch) == [64, 256])
    for pair in comparison.timePairs {
      #expect(pair.difference.verdict == .slower && abs(pair.difference.ratio - 1.1) < 0.03, "\(pair.difference)")
      #expect(try #require(pair.difference.interval).contains(1.1))
      #expect(pair.difference.interval?.level == 1 - 0.05 / 2)
    }
    let turned = try StudyComparison(
      Self.compared([
        ("slow", Self.study, Self.noisy(Self.study, stream: 2, slower: 1.1)),
        ("fast", Self.study, Self.noisy(Self.study, stream: 1)),
      ]))
    #expect(turned.timePairs.allSatisfy { $0.difference.verdict == .faster })
  }

  @Test("Too few epochs decide nothing, however far they lie apart")
  func tooFew() throws {
    func short(_ slower: Double) -> [TrialRecord] {
      let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
      return Self.noisy(study, stream: 3, slower: slower).map { record in
        var record = record
        record.run.epochs.removeLast()
        return record
      }
    }
    let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    let pair = try #require(
      StudyComparison(Self.compared([("a", study, short(1)), ("b", study, short(5))])).timePairs.first)
    #expect(pair.difference.interval == nil && pair.difference.verdict == .undecided && pair.difference.ratio > 4)
  }

  private static func qualities(
    _ first: [Double], seeds: [Int], _ other: [Double], otherSeeds: [Int]
  ) throws -> StudyComparison.QualityPair {
    func records(_ accuracies: [Double], _ seeds: [Int], hash: String) -> (StudyConfiguration, [TrialRecord]) {
      let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: seeds)
      return (
        study,
        zip(study.trials, accuracies).map { trial, accuracy in
          var record = SyntheticStudy.record(trial, of: study, accuracy: accuracy)
          record.run.weightsSHA256 = "\(hash)\(trial.seed)"
          return record
        }
      )
    }
    let (a, b) = (records(first, seeds, hash: "a"), records(other, otherSeeds, hash: "b"))
    let comparison = try StudyComparison(compared([("a", a.0, a.1), ("b", b.0, b.1)]))
    return try #require(comparison.qualityPairs.first)
  }

  @Test("Qualities are paired by seed where seeds are the same, else two samples")
  func quality() throws {
    let base = [0.80, 0.84, 0.88, 0.82]
    let less = zip(base, [0.010, 0.0105, 0.0095, 0.010]).map { $0 - $1 }
    let paired = try Self.qualities(base, seeds: [1, 2, 3, 4], less, otherSeeds: [1, 2, 3, 4])
    #expect(paired.difference.test == .paired && paired.difference.verdict == .worse && !paired.difference.hasSameBits)
    #expect(abs(try #require(paired.difference.difference) + 0.01) < 1e-9)
    // Other seeds: what the seeds do hides so small a difference.
    let apart = try Self.qualities(base, seeds: [1, 2, 3, 4], less, otherSeeds: [5, 6, 7, 8])
    #expect(apart.difference.test == .welch && apart.difference.verdict == .undecided)
    let far = try Self.qualities(base, seeds: [1, 2, 3, 4], base.map { $0 - 0.5 }, otherSeeds: [5, 6, 7, 8])
    #expect(far.difference.test == .welch && far.difference.verdict == .worse)
    #expect(abs(try #require(far.difference.difference) + 0.5) < 1e-9)
    let alone = try Self.qualities([0.8], seeds: [1], [0.9], otherSeeds: [1])
    #expect(alone.difference.verdict == .undecided && alone.difference.interval == nil)
  }

  @Test("One study on few ranks, another on more: a line over all rank counts")
  func jobSizes() throws {
    let few = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], ranks: [1, 2])
    let many = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], ranks: [4])
    let comparison = try StudyComparison(
      Self.compared([
        ("few", few, SyntheticStudy.records(of: few)), ("many", many, SyntheticStudy.records(of: many)),
      ]))
    #expect(comparison.timePairs.isEmpty && comparison.timedOnly(in: 0).isEmpty)
    let line = try #require(comparison.jobSizes.first)
    #expect(comparison.jobSizes.count == 1 && line.study == nil && line.studyOf == [1: 0, 2: 0, 4: 1])
    #expect(line.scaling.entries.map(\.ranks) == [1, 2, 4])
    let seconds = { (ranks: Int) in Double(16) * SyntheticStudy.stepSeconds(globalBatch: 256, ranks: ranks) }
    #expect(abs(line.scaling.entries[2].speedUp - seconds(1) / seconds(4)) < 1e-9)
    // Ranks change nothing in quality.
    #expect(comparison.qualityPairs.map(\.difference.hasSameBits) == [true])
    // Where rank counts overlap each study has its own line.
    let both = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], ranks: [2, 4])
    let apart = try StudyComparison(
      Self.compared([("few", few, SyntheticStudy.records(of: few)), ("both", both, SyntheticStudy.records(of: both))]))
    #expect(apart.jobSizes.map(\.study) == [0, 1])
    #expect(apart.timePairs.map(\.place.ranks) == [2])
  }

  private func error(_ studies: [ComparedStudy]) -> String {
    do {
      _ = try StudyComparison(studies)
      return ""
    } catch { return "\(error)" }
  }

  @Test("Other data, another model, another split: named, with the folder")
  func doesNotCompare() {
    let records = SyntheticStudy.records(of: Self.study)
    func changed(_ change: (inout RunRecord) -> Void) -> [ComparedStudy] {
      let others = records.map { record in
        var record = record
        change(&record.run)
        return record
      }
      return Self.compared([("out/a", Self.study, records), ("out/b", Self.study, others)])
    }
    let ours = error(changed { $0.dataset.trainingSamples = 5000 })
    #expect(ours.contains("out/b does not compare with out/a: the data are synthetic (4096"), "\(ours)")
    #expect(ours.contains("5000") && ours.contains("Give studies of the same data"))
    #expect(error(changed { $0.dataset.evaluatedOn = .validation }).contains("judged by the test set there"))
    #expect(error(changed { $0.model.parameters = 7 }).contains("1000 parameters there and 7 here"))
    let wider = changed { $0.configuration.model = .mlp(widths: [32], batchNorm: false, dropout: 0) }
    #expect(error(wider).contains("model.mlp.widths is [16] there and [32] here"))
    // A checksum decides; without one the name does.
    #expect(error(changed { $0.dataset.name = "other" }).contains("other"))
    var sums = changed { $0.dataset.name = "other" }
    sums = Self.compared(
      sums.map { study in
        (
          study.folder, study.stored.study,
          study.stored.records.map { record in
            var record = record
            record.run.dataset.checksum = "0123456789abcdef"
            return record
          }
        )
      })
    #expect(error(sums) == "")
  }

  @Test("No setting in common, no trial: named, with the remedy")
  func nothingInCommon() {
    let records = SyntheticStudy.records(of: Self.study)
    let other = SyntheticStudy.study(globalBatch: [1024], scaling: ["linear"], ranks: [4])
    let apart = error(
      Self.compared([("a", Self.study, records), ("b", other, SyntheticStudy.records(of: other))]))
    #expect(apart.contains("a has no setting in common"), "\(apart)")
    #expect(apart.contains("global batches 64, 256") && apart.contains("global batches 1024"))
    #expect(apart.contains("axes.globalBatch"))
    let empty = error(Self.compared([("a", Self.study, records), ("b", Self.study, [])]))
    #expect(empty.contains("b holds no finished trial yet"), "\(empty)")
  }

  @Test("Of three studies with parts only the trials of other data are left out")
  func partsLeftOut() throws {
    let study = SyntheticStudy.parts()
    let records = SyntheticStudy.partRecords(of: study)
    let others = records.map { record in
      var record = record
      if record.trial.variant == "slow" { record.run.dataset.trainingSamples = 5000 }
      return record
    }
    let comparison = try StudyComparison(
      Self.compared([("a", study, records), ("b", study, others), ("c", study, records)]))
    #expect(comparison.hasCalls && comparison.leftOut.map(\.study) == [1])
    #expect(comparison.leftOut.first?.variant == "slow" && comparison.leftOut.first?.part == "batch")
    let slow = comparison.timePairs.filter { $0.place.variant == "slow" }
    #expect(!slow.isEmpty && slow.allSatisfy { $0.first == 0 && $0.other == 2 && $0.place.part == "batch" })
    #expect(Set(comparison.timePairs.filter { $0.place.variant == "plain" }.map(\.other)) == [1, 2])
  }

  @Test("Names are as much of a path as tells studies apart")
  func names() {
    func names(_ folders: String...) -> [String] {
      Self.compared(folders.map { ($0, Self.study, []) }).map(\.name)
    }
    #expect(names("/x/out/a", "/x/out/b/") == ["a", "b"])
    #expect(names("/x/a/study", "/x/b/study", "/x/b/other") == ["a/study", "b/study", "b/other"])
  }
}
