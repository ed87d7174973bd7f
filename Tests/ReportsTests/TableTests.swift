import Configuration
import Foundation
import Reports
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// What the tables and sentences of a report say, read back from its Markdown.
@Suite("Tables and sentences of a report")
struct TableTests {
  /// The rows of the table under a heading: each cell by its column's heading.
  private static func rows(under heading: String, of report: StudyReport) throws -> [[String: String]] {
    let lines = report.markdown.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("#") && $0.hasSuffix(" " + heading) }, "\(heading)")
    let table = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
    let cells = table.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return cells.dropFirst(2).map { Dictionary(zip(cells[0], $0)) { first, _ in first } }
  }

  private static func report(_ study: StudyConfiguration) -> StudyReport {
    StudyReport(study, SyntheticStudy.records(of: study))
  }

  @Test("What a saved model lacks is a share of the whole")
  func sizes() throws {
    let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.record(study.trials[0], of: study)
    record.modelSize = try ConfigurationNode.read(#"{"weights": 1024, "optimizerState": 3072}"#, { try ModelSize($0) })
    let row = try #require(try Self.rows(under: "Size and input", of: StudyReport(study, [record])).first)
    #expect(row["Weights"] == "1.00 KiB" && row["With optimiser state"] == "4.00 KiB")
    #expect(row["Saved without it (%)"] == "75.0")
  }

  @Test("Where some seeds missed the target, the time to it says how many did not")
  func toTarget() throws {
    // The seeds end at 0.81 and 0.82.
    let report = Self.report(SyntheticStudy.study(globalBatch: [64], scaling: ["none"], target: 0.815))
    let cell = try #require(try Self.rows(under: "Results", of: report).first?["To target (ms)"])
    // Four epochs of 64 steps of 1.72 ms.
    #expect(cell == "440 (1 of 2)")
    let all = Self.report(SyntheticStudy.study(globalBatch: [64], scaling: ["none"], target: 0.8))
    #expect(try Self.rows(under: "Results", of: all).first?["To target (ms)"]?.contains("of") == false)
    let none = Self.report(SyntheticStudy.study(globalBatch: [64], scaling: ["none"], target: 0.9))
    #expect(try Self.rows(under: "Results", of: none).first?.values.contains("not reached") == true)
  }

  @Test("The exchange's whole time stands beside the part that was exposed")
  func phases() throws {
    let rows = try Self.rows(under: "Where an epoch's time goes", of: Self.report(SyntheticStudy.study()))
    let row = try #require(rows.first { $0["Batch"] == "256" })
    // 16 steps of 0.2 ms of each, and as much again hidden.
    #expect(row["Wait (ms)"] == "3.20" && row["Wire (ms)"] == "3.20" && row["Exchange, hidden too (ms)"] == "12.8")
  }

  @Test("A rate names the rule that made it")
  func rates() throws {
    let report = Self.report(SyntheticStudy.study(scaling: ["none", "linear", "sqrt"]))
    let rates = try Self.rows(under: "Results", of: report).map { "\($0["Batch"] ?? "") \($0["Rate"] ?? "")" }
    #expect(
      rates == [
        "64 base 0.100", "256 fixed 0.100", "256 linear 0.400", "256 sqrt 0.200", "1024 fixed 0.100",
        "1024 linear 1.60",
        "1024 sqrt 0.400",
      ])
  }

  @Test("The share that does not grow is told for the smallest batch first")
  func overhead() {
    // 1.4 ms of 1.72 ms, and of 6.52 ms.
    let markdown = Self.report(SyntheticStudy.study()).markdown
    #expect(
      markdown.contains(
        "what does not grow with the batch is 81.4 % of a step at 64 and 21.5 % at 1024."))
  }

  @Test("A claim's bounds are said as they are")
  func bounds() throws {
    let study = SyntheticStudy.variants(claims: [
      SyntheticStudy.claim("stepSeconds", atLeast: 0.5), SyntheticStudy.claim("stepSeconds", atMost: 0.25),
      SyntheticStudy.claim("stepSeconds", atLeast: 0.125, atMost: 2),
    ])
    let rows = try Self.rows(under: "What others say", of: Self.report(study))
    #expect(
      rows.map { $0["Agrees if"] } == [
        "stepSeconds is at least 0.500", "stepSeconds is at most 0.250", "stepSeconds is 0.125 to 2.00",
      ])
  }

  @Test("The epochs of a row are those that were run")
  func epochs() throws {
    let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    var record = SyntheticStudy.record(study.trials[0], of: study)
    record.run.epochs.removeLast(3)
    let rows = StudyReport(study, [record]).csv.components(separatedBy: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = try #require(rows[0].firstIndex(of: "epochs"))
    #expect(record.run.configuration.epochs == 4 && rows[1][column] == "1")
  }
}

extension ConfigurationNode {
  fileprivate static func read<Value>(_ text: String, _ read: (ConfigurationNode) throws -> Value) throws -> Value {
    try Data(text.utf8).withUnsafeBytes { try read(ConfigurationNode(json: $0, source: "a test")) }
  }
}
