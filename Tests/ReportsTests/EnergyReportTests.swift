import Configuration
import Measurement
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

/// Joules are shown where they are known, and it is said where they are not.
@Suite("Energy in reports")
struct EnergyReportTests {
  private static let study = SyntheticStudy.study()

  private static func records(_ energy: (Int) -> Energy?) -> [TrialRecord] {
    SyntheticStudy.records(of: study).map { record in
      var record = record
      record.run.moments = RunMoments(prepared: 1, began: 2, ended: 3)
      for index in record.run.epochs.indices { record.run.epochs[index].energy = energy(index) }
      return record
    }
  }

  /// Four epochs of 100 to 103 J in every trial, and others of equal work: their median is 101.5.
  @Test func aStudyHasItsMedianEpochsEnergy() throws {
    let report = StudyReport(Self.study, Self.records { Energy(processors: 100 + Double($0), memory: 5) })
    #expect(report.summary.points.allSatisfy { $0[.epochJoules]?.value == 101.5 })
    #expect(report.markdown.contains("J/epoch") && report.markdown.firstMatch(of: /\| *102 *\|/) != nil)
    #expect(!report.markdown.contains("Energy is not known"))
    let rows = report.csv.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let column = try #require(rows[0].firstIndex(of: "epochJoules"))
    #expect(rows.dropFirst().allSatisfy { $0[column] == "101.5" })
  }

  @Test func whatOneEpochLacksIsNotKnown() throws {
    for report in [
      StudyReport(Self.study, Self.records { $0 == 2 ? nil : Energy(processors: 100) }),
      StudyReport(Self.study, Self.records { _ in nil }),
    ] {
      #expect(report.summary.points.allSatisfy { $0[.epochJoules] == nil })
      #expect(report.markdown.contains("Energy is not known") && !report.markdown.contains("J/epoch"))
      let rows = report.csv.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      let column = try #require(rows[0].firstIndex(of: "epochJoules"))
      #expect(rows.dropFirst().allSatisfy { $0[column].isEmpty })
    }
  }

  @Test func aRunSaysWhatItUsed() {
    let known = RunReport(Self.records { _ in Energy(processors: 30_000, memory: 2_000) }[0].run).terminal
    #expect(known.contains("energy while training 120 kJ (processors) and 8000 J (memory)"), "\(known)")
    #expect(known.contains("30.0 kJ"), "\(known)")
    let unknown = RunReport(Self.records { $0 == 0 ? nil : Energy(processors: 1) }[0].run).terminal
    #expect(unknown.contains("energy not known"), "\(unknown)")
    // Nobody looked.
    let old = RunReport(SyntheticStudy.records(of: Self.study)[0].run).terminal
    #expect(!old.contains("energy") && !old.contains("Energy"))
  }

  @Test(arguments: [0, -1, 1e-308, 1e308, .nan, .infinity]) func anyNumberIsShown(joules: Double) throws {
    let records = Self.records { _ in Energy(processors: joules, memory: joules, platform: joules) }
    let report = StudyReport(Self.study, records)
    for text in [report.markdown, report.terminal, try report.html(), report.csv, try report.json()] {
      #expect(text.utf8.count < 2_000_000)
    }
    #expect(RunReport(records[0].run).terminal.firstMatch(of: /[0-9,]{24}/) == nil)
  }
}
