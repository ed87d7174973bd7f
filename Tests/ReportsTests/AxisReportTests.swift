import Configuration
import Reports
import Studies
import SyntheticStudies
import Testing

@Suite("Report of a study with a further axis")
struct AxisReportTests {
  private static var report: StudyReport {
    var study = SyntheticStudy.study(seeds: [1])
    study.axes[.momentum] = [.number(0), .number(0.9)]
    return StudyReport(study, SyntheticStudy.records(of: study))
  }

  @Test("results.csv has a column of it behind the other axes', and none where no study has it")
  func csv() {
    let rows = Self.report.csv.components(separatedBy: "\r\n")
    #expect(rows[0].hasPrefix("part,variant,globalBatch,scaling,seed,ranks,momentum,threadsPerRank,"))
    #expect(rows[1].hasPrefix(",,64,none,1,2,0.0,1,") && rows[10].hasPrefix(",,1024,linear,1,2,0.9,1,"))
    let plain = SyntheticStudy.study()
    let header = StudyReport(plain, SyntheticStudy.records(of: plain)).csv.components(separatedBy: "\r\n")[0]
    #expect(header.hasPrefix("part,variant,globalBatch,scaling,seed,ranks,threadsPerRank,"))
  }

  @Test("Tables have a column of it, and curves its name")
  func tables() throws {
    let markdown = Self.report.markdown
    #expect(markdown.contains("Momentum") && markdown.contains("momentum 0"))
    let html = try Self.report.html()
    #expect(html.contains("momentum 0.9, fixed learning rate"))
    #expect(html.contains("momentum 0, linearly scaled rate"))
    #expect(Self.report.terminal.contains("Momentum"))
  }
}

@Suite("What once passed unnoticed")
struct UnnoticedTests {
  @Test("A carriage return within a field ends no row")
  func carriageReturn() throws {
    let study = SyntheticStudy.study()
    var record = try #require(SyntheticStudy.records(of: study).first)
    record.run.command = "one\rtwo\r\nthree"
    let csv = StudyReport(study, [record]).csv
    #expect(csv.contains("\"one\\rtwo\\r\nthree\"\r\n"))
    let ends = Array(csv.unicodeScalars)
    for (index, scalar) in ends.enumerated() where scalar == "\r" { #expect(ends[index + 1] == "\n") }
    #expect(csv.unicodeScalars.filter { $0 == "\r" }.count == 2)
  }
}
