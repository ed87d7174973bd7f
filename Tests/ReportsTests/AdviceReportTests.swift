import Foundation
import Reports
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Reports of advice") struct AdviceReportTests {
  private static let study = SyntheticStudy.study(globalBatch: [16, 64, 256], scaling: ["none"], ranks: [1, 2])

  private static func run(_ change: (inout RunRecord) -> Void = { _ in }) -> RunRecord {
    var run = SyntheticStudy.looking(SyntheticStudy.records(of: study)[0]).run
    change(&run)
    return run
  }

  private static func report(_ run: RunRecord, timed: Bool = true) throws -> AdviceReport {
    var question = AdviceQuestion()
    if timed {
      question.timings = try ProjectionSubject(StoredStudy(study, SyntheticStudy.records(of: study)), only: [])
    }
    return AdviceReport(
      try Advice(run, name: "output/<run>", question), of: run, name: "<run>", question,
      command: "lockstep advise output/run")
  }

  @Test("Words, table, ranges and pictures, with and without times")
  func shown() throws {
    let report = try Self.report(Self.run())
    for text in [report.markdown, try report.html()] {
      for words in [
        "would be", "critical batch", "line between timings", "extrapolation", "noise scale was", "2.7",
      ] {
        #expect(text.contains(words), "\(words)")
      }
      #expect(!text.contains("<run>"))
    }
    #expect(report.terminal.contains("Samples × fewest") && report.csv.hasPrefix("globalBatch,updates,updatesLow"))
    #expect(report.figures.map(\.name) == ["advised-updates", "advised-time"])
    let alone = try Self.report(Self.run(), timed: false)
    #expect(alone.terminal.contains("Give --timings") && alone.figures.map(\.name) == ["advised-updates"])
    #expect(!alone.terminal.contains("Rests on"))
  }

  @Test(
    "Extreme numbers do no harm",
    arguments: [0, -1, 1e-308, 1e200, 1e308, -1e308, .nan, .infinity, .leastNonzeroMagnitude] as [Double])
  func extremes(value: Double) throws {
    let paths: [WritableKeyPath<RunRecord, Double>] = [
      \.epochs[1].noise!.dense.trace, \.epochs[1].noise!.dense.squaredNorm, \.epochs[0].noise!.tables!.squaredNorm,
    ]
    for path in paths {
      do {
        let report = try Self.report(Self.run { $0[keyPath: path] = value })
        _ = (try report.html(), report.markdown, report.terminal, report.csv)
      } catch let error as StudyError {
        #expect(error.description.contains("noise"))
      }
    }
  }
}
