import Configuration
import Foundation
import FoundationXML
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

/// Several studies on one page.
@Suite("Report of several studies") struct ComparisonReportTests {
  private static let study = SyntheticStudy.study(seeds: [1, 2, 3], ranks: [2])
  private static var records: [TrialRecord] { SyntheticStudy.records(of: study) }

  private static func report(_ studies: [(String, StudyConfiguration, [TrialRecord])]) throws -> ComparisonReport {
    let compared = ComparedStudy.named(studies.map { (folder: $0.0, stored: StoredStudy($0.1, $0.2)) })
    return ComparisonReport(try StudyComparison(compared), command: "lockstep report a b --output c")
  }

  /// Slower, on another processor, of other bits, and worse by two points.
  private static var slower: [TrialRecord] {
    records.enumerated().map { number, record in
      let accuracy = SyntheticStudy.finalAccuracy(record.trial) - 0.02 - 0.0001 * Double(number % 3)
      var other = SyntheticStudy.record(record.trial, of: study, accuracy: accuracy)
      for epoch in other.run.epochs.indices {
        other.run.epochs[epoch].seconds *= 1.5 + 0.001 * Double((number + epoch) % 5)
      }
      other.run.machine.processor = "older"
      other.run.weightsSHA256 = "1111"
      return other
    }
  }

  @Test("The first paragraph says how much slower and how much worse, and what else differs")
  func answer() throws {
    let report = try Self.report([("new", Self.study, Self.records), ("old", Self.study, Self.slower)])
    for text in [report.terminal, report.markdown, try report.html()] {
      #expect(text.contains("old is slower than new: an epoch takes on average 1.50 ("), "\(text.prefix(3000))")
      #expect(text.contains("slower at all 3 settings that both ran."))
      #expect(text.contains("old is worse than new at 5 of 5 settings (by 2.0"))
      #expect(text.contains("Between them differ the machine"))
    }
    #expect(report.markdown.contains("| Processor | synthetic | older |"))
    // What is the same stands folded.
    let folded = try report.html().components(separatedBy: "<summary>What is the same</summary>")
    #expect(folded.count == 2 && folded[1].contains("Kernel") && !folded[0].contains("Kernel"))
  }

  @Test("Equal studies are not told apart, to the bit")
  func same() throws {
    let report = try Self.report([("a", Self.study, Self.records), ("b", Self.study, Self.records)])
    #expect(report.markdown.contains("b and a are not told apart in time"))
    #expect(report.markdown.contains("b learns the same as a, to the bit, at all 5 settings"))
    #expect(report.markdown.contains("Nothing that is known of machines, programs and settings differs"))
    #expect(report.markdown.contains("undecided, the same bits"))
  }

  @Test("An unfinished study is compared by what there is, and said to be unfinished")
  func unfinished() throws {
    let report = try Self.report([
      ("a", Self.study, Self.records), ("b", Self.study, Array(Self.records.dropLast(2))),
    ])
    let missing = "b is not finished: 2 trials of 15 have not run yet"
    #expect(report.markdown.contains(missing) && report.terminal.contains(missing))
  }

  @Test("Job sizes of several studies are one line beside the ideal")
  func jobSizes() throws {
    let studies = [1, 2, 4].map { ranks in
      let study = SyntheticStudy.study(globalBatch: [256, 1024], scaling: ["none"], ranks: [ranks])
      return ("r\(ranks)", study, SyntheticStudy.records(of: study))
    }
    let report = try Self.report(studies)
    let html = try report.html()
    #expect(html.contains("<figure id=\"speed-up\"") && html.contains("B = 256, Amdahl"))
    #expect(html.contains("Rank counts: 1 of r1, 2 of r2 and 4 of r4."))
    // 16 steps of 3.56 ms on one rank, of 2.44 ms on four.
    #expect(report.markdown.contains("1.46"), "\(report.markdown)")
    #expect(!report.markdown.contains("In one study only"))
    #expect(report.terminal.contains("At B = 256 an epoch is 1.46"))
  }

  @Test("Where no times can be compared, quality comes first, and it is said")
  func qualityAlone() throws {
    let disturbed = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], ranks: [1])
    let records = SyntheticStudy.records(of: disturbed).map { record in
      var record = record
      for epoch in record.run.epochs.indices { record.run.epochs[epoch].seconds = 0 }
      return record
    }
    let report = try Self.report([("a", Self.study, Self.records), ("b", disturbed, records)])
    #expect(report.markdown.contains("**Times are not compared: no two studies timed the same work on the same ranks"))
    let html = try report.html()
    let results = try #require(html.components(separatedBy: "<h2>Results</h2>").dropFirst().first)
    #expect(results.contains("Difference: Test (%)") && !html.contains("<h2>Quality</h2>"))
  }

  @Test("What one study alone ran is listed")
  func alone() throws {
    let more = SyntheticStudy.study(globalBatch: [64, 4096], scaling: ["none"], ranks: [2])
    let report = try Self.report([("a", Self.study, Self.records), ("b", more, SyntheticStudy.records(of: more))])
    #expect(report.markdown.contains("In one study only") && report.markdown.contains("B = 4096, 2 ranks"))
  }

  @Test("The page is self-contained and well-formed, whatever names and commands are")
  func wellFormed() throws {
    var (study, records) = (Self.study, Self.slower)
    study.name = AwkwardText.everything
    for index in records.indices {
      records[index].run.machine.processor = AwkwardText.everything
      records[index].run.command = AwkwardText.formulas[index % AwkwardText.formulas.count]
    }
    let report = try Self.report([("a<b>", Self.study, Self.records), (AwkwardText.everything, study, records)])
    let html = try report.html()
    #expect(!html.contains("{{") && !html.contains("<b>") && !html.contains("<script"))
    for forbidden in ["<link", "<img", "@import", "url("] { #expect(!html.contains(forbidden)) }
    let xml = html.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
      .replacingOccurrences(of: "<meta charset=\"utf-8\">", with: "")
      .replacingOccurrences(of: "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", with: "")
    #expect(XMLParser(data: Data(xml.utf8)).parse())
    #expect(!report.terminal.contains("\u{1B}"))
  }

  @Test("A row a comparison, with the same figures as the JSON")
  func data() throws {
    let report = try Self.report([("new", Self.study, Self.records), ("old", Self.study, Self.slower)])
    let rows = report.csv.components(separatedBy: "\r\n")
    #expect(rows.count == 1 + 3 + 5 + 1)
    let first = try #require(rows.dropFirst().first).components(separatedBy: ",")
    let header = rows[0].components(separatedBy: ",")
    let ratio = try #require(header.firstIndex(of: "value").flatMap { Double(first[$0]) })
    struct Stored: Decodable {
      struct Pair: Decodable {
        struct Difference: Decodable {
          var ratio: Double
          var verdict: String
        }
        var difference: Difference
        var first: String
      }
      var times: [Pair]
    }
    let stored = try JSONDecoder().decode(Stored.self, from: Data(report.json().utf8))
    #expect(stored.times.map(\.difference.ratio).first == ratio && stored.times.count == 3)
    #expect(stored.times.allSatisfy { $0.difference.verdict == "slower" && $0.first == "new" })
    #expect(rows[1].hasPrefix("epochSeconds,,64,,2,,") && rows[1].hasSuffix(",slower"))
  }

  @Test("Everything that the Markdown links to is written, and the same results make the same report")
  func write() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try Self.report([("new", Self.study, Self.records), ("old", Self.study, Self.slower)])
    let files = try report.write(to: folder)
    #expect(files.first == folder + "/report.html" && files.contains("\(folder)/comparison.json"))
    let markdown = try String(contentsOfFile: folder + "/report.md", encoding: .utf8)
    let links = markdown.components(separatedBy: "](").dropFirst().map { $0.components(separatedBy: ")")[0] }
    #expect(links.count >= 4)
    for link in links { #expect(FileManager.default.fileExists(atPath: folder + "/" + link)) }
    let again = try Self.report([("new", Self.study, Self.records), ("old", Self.study, Self.slower)])
    #expect(try again.html() == report.html() && again.json() == report.json() && again.csv == report.csv)
  }
}
