import Configuration
import Foundation
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Report of a study with schedules of the global batch")
struct BatchScheduleReportTests {
  /// Two epochs with 64 samples an update, two with 256.
  private static func grown(_ record: TrialRecord) -> TrialRecord {
    var record = record
    for index in [2, 3] {
      record.run.epochs[index].globalBatch = 256
      record.run.epochs[index].ledger.steps = 16
    }
    return record
  }

  private static let study: StudyConfiguration = {
    var study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    study.run.batchSchedule = BatchScheduleConfiguration(milestones: [2], factor: 4)
    return study
  }()

  private static func report(_ change: (inout RunRecord) -> Void = { _ in }) -> StudyReport {
    let records = SyntheticStudy.records(of: study).map { record in
      var record = grown(record)
      change(&record.run)
      return record
    }
    return StudyReport(study, records)
  }

  @Test("A table has batch, rate, updates and noise of each stage, and a figure batch and noise of each epoch")
  func stages() throws {
    let report = Self.report()
    let rows = report.markdown.split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    // 0.1 · (4096 ÷ 64 − 1) ÷ (1 − 0.9), then with 256.
    let stages = rows.filter { $0.first == "64" && ["1–2", "3–4"].contains($0.dropFirst(2).first) }
    #expect(
      stages.map { Array($0.suffix(5)) } == [
        ["1–2", "64", "0.1000", "128", "63.00"], ["3–4", "256", "0.1000", "32", "15.00"],
      ])
    let html = try report.html()
    #expect(html.contains("Noise scale") && html.contains("The global batch of each epoch, and beside it"))
  }

  @Test("Without a schedule there is neither")
  func none() throws {
    let plain = SyntheticStudy.study()
    let report = StudyReport(plain, SyntheticStudy.records(of: plain))
    #expect(!report.markdown.contains("Schedules of the global batch"))
    let (html, json) = (try report.html(), try report.json())
    #expect(!html.contains("The global batch of each epoch"))
    #expect(!json.contains("noiseScale") && !json.contains("stages"))
  }

  @Test("Rates that are no numbers, or huge, are shown as such")
  func extremes() throws {
    for rate in [Double.nan, .infinity, 1e300, 0] {
      let report = Self.report { run in
        for index in run.epochs.indices { run.epochs[index].learningRate = rate }
      }
      #expect(report.markdown.contains("Schedules of the global batch"))
      let (html, json) = (try report.html(), try report.json())
      #expect(html.contains("The global batch of each epoch") && json.contains("stages"))
    }
  }

  @Test("A run's epochs have their batch, and its heading has all of them")
  func run() {
    let plain = SyntheticStudy.records(of: Self.study)[0].run
    let grown = Self.grown(SyntheticStudy.records(of: Self.study)[0]).run
    #expect(RunReport(grown).terminal.contains("global batch 64 → 256;"))
    #expect(RunReport(grown).terminal.contains("Batch") && !RunReport(plain).terminal.contains("Batch"))
  }
}
