import Configuration
import Foundation
import Measurement
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// What a figure is of, and what it is divided by, where other choices would give the same on round data.
@Suite("What figures are of")
struct BasesTests {
  private static func calls(
    _ claims: [StudyClaim]? = nil, _ change: (inout TrialRecord) -> Void = { _ in }
  ) -> StudySummary {
    let study = SyntheticStudy.parts(claims: claims)
    let records = SyntheticStudy.partRecords(of: study).map { record in
      var record = record
      change(&record)
      return record
    }
    let chapter = StudyChapter.of(study, records)[0]
    return StudySummary(chapter.study, chapter.records)
  }

  @Test("What fewer calls save is CPU time, whatever the clock on the wall says")
  func savingsAreOfCPUTime() throws {
    // 30 µs + 1 µs an example, beside a wall-clock of 10 µs + 2 µs an example.
    let summary = Self.calls { record in
      record.calls?.prediction?.cpuSeconds = 3e-5 + 1e-6 * Double(record.trial.globalBatch)
    }
    let saving = try #require(summary.callCurves.first?.savings.first)
    // 31 µs five times, or 35 µs once.
    #expect(saving.examples == 1 && saving.moreExamples == 5)
    #expect(abs(saving.measured - (1 - 35.0 / 155)) < 1e-9)
  }

  @Test("The growth of the time per example is that of the neighbours where it falls least")
  func growthOfTimePerExample() throws {
    let summary = Self.calls([SyntheticStudy.claim("prediction.timePerExampleGrowth", atMost: 1)])
    // 12, 4, 2.4 and 2.08 µs an example of 1, 5, 25 and 125.
    #expect(abs(try #require(summary.claims[0].measured) - 2.08 / 2.4) < 1e-9)
    #expect(summary.claims[0].verdict == .agrees)
  }

  @Test("Ratios of several places have their geometric mean")
  func meanOfRatios() throws {
    var study = SyntheticStudy.study(scaling: ["none"], seeds: [1])
    study.claims = [SyntheticStudy.claim("stepSeconds", over: .init(globalBatch: 64), atLeast: 1)]
    let finding = StudySummary(study, SyntheticStudy.records(of: study)).claims[0]
    // Steps of 1.72, 2.68 and 6.52 ms.
    #expect(abs(try #require(finding.measured) - cbrt(2.68 / 1.72 * 6.52 / 1.72)) < 1e-9)
    #expect(finding.places == 3 && finding.least == 1)
    #expect(abs(try #require(finding.most) - 6.52 / 1.72) < 1e-9)
  }

  @Test("A last epoch that was cut short counts in no figure of an epoch")
  func partOfAnEpoch() throws {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.record(study.trials[0], of: study)
    record.run.epochs.removeLast(2)
    record.run.epochs[1].ledger.steps = 4
    record.run.epochs[1].seconds = 4 * 0.00268
    let point = try #require(StudySummary(study, [record]).points.first)
    #expect(!point.isExtrapolated)
    #expect(abs(try #require(point[.epochSeconds]).mean - 16 * 0.00268) < 1e-9)
    // Of the whole run both count.
    #expect(abs(try #require(point[.trainingSeconds]).mean - 20 * 0.00268) < 1e-9)
  }

  @Test("What lacks at the base batch lacks on the curve of every rule, and is one trial")
  func missingSeedsOfTheBase() throws {
    let study = SyntheticStudy.study()
    let records = study.trials.filter { $0.globalBatch != 64 || $0.seed != 2 }.map {
      SyntheticStudy.record($0, of: study)
    }
    let summary = StudySummary(study, records)
    for scaling in summary.scalings {
      #expect(try #require(summary.points(ranks: 2, scaling: scaling).first).missingSeeds == [2])
    }
    #expect(summary.scalings.count == 2 && summary.missingTrials == 1)
  }

  @Test("A figure equal to the target reaches it")
  func exactlyTheTarget() {
    var study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.record(study.trials[0], of: study)
    record.run.epochs[2].validation = Quality(loss: 0.5, accuracy: 0.75)
    record.run.epochs[2].validation?.areaUnderCurve = 0.875
    for target in [
      StudyConfiguration.Target(validationAccuracy: 0.75), .init(validationLoss: 0.5), .init(validationAUC: 0.875),
    ] {
      study.target = target
      let point = StudySummary(study, [record]).points[0]
      // Accuracies before are 0.75 and 0.77: the first epoch reaches that of 0.75.
      let epoch = target.validationAccuracy == nil ? 3.0 : 1.0
      #expect(point.reachedTarget == 1 && point[.updatesToTarget]?.mean == 64 * epoch, "\(target)")
    }
  }

  @Test("Bytes of tables are those of touched rows and those of whole tables")
  func tableBytes() throws {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.record(study.trials[0], of: study)
    for index in record.run.epochs.indices {
      record.run.epochs[index].ledger.tables = TableTrafficSummary(
        sparseSteps: 8, denseSteps: 8, sparseBytes: Spread([20_480, 61_440]), denseBytes: 8192, messages: 3,
        touchedRows: Spread([100, 200]), mergedRows: 2048)
    }
    let point = try #require(StudySummary(study, [record]).points.first)
    // 40,960 + 8192 bytes; 4096 samples, of whose dense gradients 64,000 bytes.
    #expect(point[.epochTableBytes]?.mean == 49_152)
    #expect(point[.tableBytesPerSample]?.mean == 12)
    #expect(point[.exchangedBytesPerSample]?.mean == 64_000.0 / 4096 + 12)
    #expect(point[.touchedRowsPerSample]?.mean == 0.5)
  }
}
