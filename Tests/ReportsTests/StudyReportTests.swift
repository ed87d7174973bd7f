import Configuration
import Files
import Foundation
import FoundationXML
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Study report")
struct StudyReportTests {
  private static let study = SyntheticStudy.study(
    name: "tricky, \"name\" & <b>", seeds: [1, 2, 3], ranks: [1, 2], target: 0.795)

  /// One trial diverged, one is missing.
  private static var records: [TrialRecord] {
    study.trials.compactMap { trial in
      guard trial.globalBatch == 1024, trial.scaling == .linear, trial.ranks == 2 else {
        return SyntheticStudy.record(trial, of: study)
      }
      return switch trial.seed {
      case 1: SyntheticStudy.record(trial, of: study)
      case 2: SyntheticStudy.diverged(trial, of: study)
      default: nil
      }
    }
  }

  private static var report: StudyReport { StudyReport(study, records) }

  @Test("One row a trial, in RFC 4180's form, with the records' numbers")
  func csv() throws {
    let rows = Self.report.csv.components(separatedBy: "\r\n")
    #expect(rows.last == "")
    #expect(rows.count == Self.records.count + 2)
    let header = rows[0].split(separator: ",").map(String.init)
    let column = try #require(header.firstIndex(of: "validationAccuracy"))
    let first = rows[1].split(separator: ",", omittingEmptySubsequences: false)
    #expect(first.count == header.count)
    let accuracy = try #require(Self.records[0].run.epochs.last?.validation?.accuracy)
    #expect(Double(first[column]) == accuracy)
    #expect(header.contains("epochCost_USD") && header.contains("costToTarget_USD"))
    #expect(rows.filter { $0.contains("diverged at update 3 on rank 0: loss is not finite") }.count == 1)
  }

  @Test("A field that holds a comma, a quote or a line end is quoted")
  func quoting() throws {
    var record = try #require(Self.records.first)
    record.run.command = "lockstep study \"my, file\"\nnext"
    let csv = StudyReport(Self.study, [record]).csv
    #expect(csv.contains("\"lockstep study \"\"my, file\"\"\nnext\"\r\n"))
  }

  @Test("The page is self-contained and says what happened")
  func html() throws {
    let html = try Self.report.html()
    let references = html.replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    #expect(!references.contains("http://") && !references.contains("https://"))
    for forbidden in ["<script", "<link", "<img", "@import", "url("] { #expect(!html.contains(forbidden)) }
    #expect(html.contains("tricky, &quot;name&quot; &amp; &lt;b&gt;"))
    #expect(!html.contains("<b>") && !html.contains("{{"))
    #expect(html.contains("diverged") && html.contains("not run"))
    #expect(html.contains("mpirun -np 2 lockstep study synthetic.yaml"))
    #expect(html.components(separatedBy: "<figure ").count - 1 == 13)
    // Without its doctype and void elements the page is also well-formed XML.
    let xml = html.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
      .replacingOccurrences(of: "<meta charset=\"utf-8\">", with: "")
      .replacingOccurrences(of: "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", with: "")
    #expect(XMLParser(data: Data(xml.utf8)).parse())
  }

  @Test("Every caption names machine, seeds and command")
  func captions() throws {
    let captions = try Self.report.html().components(separatedBy: "<figcaption>").dropFirst()
    #expect(!captions.isEmpty)
    for caption in captions {
      let text = caption.components(separatedBy: "</figcaption>")[0]
      #expect(text.contains("synthetic, 1 node of 2 cores; ranks: 1 and 2; threads per rank: 1; seeds: 1, 2 and 3"))
      #expect(text.contains("<code>mpirun"))
    }
  }

  @Test("Tables show the summary's numbers, in every form")
  func numbers() throws {
    let report = Self.report
    let point = try #require(report.summary.points(ranks: 2, scaling: .none).first { $0.place.globalBatch == 256 })
    let accuracy = try #require(point[.validationAccuracy])
    let text = String(format: "%.2f ± %.2f", accuracy.mean * 100, try #require(accuracy.standardDeviation) * 100)
    #expect(text == "79.44 ± 1.00")
    // 16 steps of 2.68 ms.
    for form in [report.terminal, report.markdown, try report.html()] {
      #expect(form.contains(text))
      #expect(form.contains("42.9"))
    }
  }

  @Test("Results as JSON hold the summary")
  func json() throws {
    let report = Self.report
    let results = try #require(JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    let summary = try JSONSerialization.jsonObject(with: RecordFile.encoder().encode(report.summary))
    #expect(try #require(results["summary"] as? NSDictionary) == summary as? NSDictionary)
    #expect((results["answer"] as? String)?.hasPrefix("Use a global batch of ") == true)
  }

  @Test("Where one rank count was run, the report says what a projection takes")
  func noProjection() throws {
    let study = SyntheticStudy.study()
    let markdown = StudyReport(study, SyntheticStudy.records(of: study)).markdown
    #expect(markdown.contains("add axes.ranks"))
    #expect(Self.report.markdown.contains("A model, not a measurement"))
  }

  @Test("The same results make the same report, to the byte")
  func pure() throws {
    #expect(try Self.report.html() == StudyReport(Self.study, Self.records).html())
    #expect(try Self.report.json() == StudyReport(Self.study, Self.records.reversed()).json())
  }

  @Test("A study without results has a report that says so")
  func empty() throws {
    let report = StudyReport(Self.study, [])
    #expect(try report.html().contains("nothing to recommend"))
    #expect(try !report.html().contains("<h2>Figures</h2>"))
    #expect(report.terminal.contains("not run yet"))
    #expect(report.csv.components(separatedBy: "\r\n").count == 2)
  }

  @Test("Everything that the Markdown links to is written; nothing half-written stays")
  func write() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try Self.report.write(to: folder)
    #expect(files.first == folder + "/report.html")
    #expect(files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    let markdown = try String(contentsOfFile: folder + "/report.md", encoding: .utf8)
    let links = markdown.components(separatedBy: "](").dropFirst().map { $0.components(separatedBy: ")")[0] }
    #expect(links.count >= 10)
    for link in links { #expect(FileManager.default.fileExists(atPath: folder + "/" + link)) }
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    #expect(!names.contains { $0.hasSuffix(".partial") })
  }

  @Test("A folder that cannot be written is one clear error")
  func unwritable() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data().write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: FileError.self) { try Self.report.write(to: path + "/report") }
    #expect(error?.description.contains("\(path)/report: Not a directory; a file is in the way") == true)
  }
}

@Suite("Report of parts")
struct PartsReportTests {
  private static let study = SyntheticStudy.parts(claims: [
    SyntheticStudy.claim("prediction.linearRSquared", atLeast: 0.98),
    SyntheticStudy.claim("training.exponent", atMost: 0.1),
  ])
  private static var report: StudyReport { StudyReport(study, SyntheticStudy.partRecords(of: study)) }

  @Test("A chapter a part, with its words, claims, tables and pictures, and a page that is well-formed")
  func html() throws {
    let html = try Self.report.html()
    #expect(!html.contains("{{") && html.contains("Calls &lt;1&gt;") && html.contains("Calls &amp; more."))
    #expect(html.components(separatedBy: "<h2 class=\"chapter\"").count - 1 == 2)
    #expect(html.contains("Claims beside what was measured here: 1 agrees and 1 differs."))
    #expect(html.contains("id=\"calls-call-time\"") && html.contains("id=\"batch-quality\""))
    #expect(html.contains("plain, fixed learning rate"))
    let xml = html.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
      .replacingOccurrences(of: "<meta charset=\"utf-8\">", with: "")
      .replacingOccurrences(of: "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", with: "")
    #expect(XMLParser(data: Data(xml.utf8)).parse())
  }

  @Test("Every row of results.csv has its part and variant")
  func csv() {
    let rows = Self.report.csv.components(separatedBy: "\r\n")
    #expect(rows.count == Self.study.trials.count + 2)
    #expect(rows[0].hasPrefix("part,variant,globalBatch,"))
    #expect(rows[1].hasPrefix("calls,,1,none,"))
    #expect(rows.filter { $0.hasPrefix("batch,slow,") }.count == 10)
  }

  @Test("Results as JSON hold every part's summary")
  func json() throws {
    struct Results: Decodable {
      struct Part: Decodable {
        var part: String
        var summary: Summary
      }
      struct Summary: Decodable {
        var claims: [Claim]
      }
      struct Claim: Decodable {
        var verdict: String
      }
      var parts: [Part]
    }
    let results = try JSONDecoder().decode(Results.self, from: Data(Self.report.json().utf8))
    #expect(results.parts.map(\.part) == ["calls", "batch"])
    #expect(results.parts[0].summary.claims.map(\.verdict) == ["agrees", "differs"])
  }

  @Test(
    "Pictures of all parts are written beside the Markdown that links to them; claims are in it and on the terminal")
  func write() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.report.write(to: folder)
    let markdown = try String(contentsOfFile: folder + "/report.md", encoding: .utf8)
    let links = markdown.components(separatedBy: "](").dropFirst().map { $0.components(separatedBy: ")")[0] }
    #expect(links.contains("figures/calls-fewer-calls.svg"))
    for link in links { #expect(FileManager.default.fileExists(atPath: folder + "/" + link)) }
    #expect(markdown.contains("## Batch") && markdown.contains("differs"))
    #expect(Self.report.terminal.contains("Claim: It is <so>: agrees"))
  }

  @Test("Trials of a part that the study no longer has are counted, not shown")
  func lost() {
    var shorter = Self.study
    shorter.parts?.removeFirst()
    let report = StudyReport(StoredStudy(shorter, SyntheticStudy.partRecords(of: Self.study)))
    #expect(report.markdown.contains("4 finished trials are in no figure"))
  }

  @Test("A model with one score has AUC and log loss where accuracy stands for others")
  func scores() throws {
    let study = SyntheticStudy.study()
    let records = study.trials.map { trial in
      var record = SyntheticStudy.record(trial, of: study)
      for index in record.run.epochs.indices { record.run.epochs[index].validation?.areaUnderCurve = 0.7125 }
      return record
    }
    let report = StudyReport(study, records)
    #expect(report.markdown.contains("0.7125") && report.markdown.contains("Log loss"))
    #expect(try report.html().contains("Test log loss"))
    #expect(try !report.html().contains("Generalisation gap"))
  }
}
