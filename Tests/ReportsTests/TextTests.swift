import Foundation
import FoundationXML
import Reports
import Studies
import SyntheticStudies
import Testing

/// Names, commands and hosts come from anywhere, and a report shows them: it must not do what they say.
@Suite("Text from outside")
struct TextTests {
  private static let awkward = AwkwardText.everything

  /// Wherever a study has a text, it is this one.
  private static var report: StudyReport {
    var study = SyntheticStudy.variants(claims: [SyntheticStudy.claim("epochSeconds")])
    study.name = awkward
    study.about = awkward
    study.cost.currency = awkward
    study.variants?[0].name = awkward
    study.claims?[0].text = awkward
    study.claims?[0].note = awkward
    let records = study.trials.map { trial in
      var record = SyntheticStudy.record(trial, of: study)
      record.run.command = awkward
      record.run.machine.processor = awkward
      record.run.machine.nodes = [awkward]
      record.run.dataset.name = awkward
      record.run.model.name = awkward
      return record
    }
    return StudyReport(study, records, notices: [awkward])
  }

  private static func controls(in text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F || $0.properties.isBidiControl }
  }

  @Test("Control characters are shown, and a newline makes no line of its own")
  func visible() {
    #expect(VisibleText.line("a\u{1B}[31mb\u{7}\nc\td\u{9B}") == "a\\u{1B}[31mb\\u{07}\\nc\\td\\u{009B}")
    #expect(VisibleText.lines("a\nb\r") == "a\nb\\r")
    #expect(VisibleText.line("Größe × 2 – µs, 数, é") == "Größe × 2 – µs, 数, é")
    #expect(VisibleText.line("a\u{202E}b\u{2028}") == "a\\u{202E}b\\u{2028}")
  }

  @Test("On a terminal")
  func terminal() {
    let study = Self.report.terminal
    #expect(Self.controls(in: study).isEmpty && study.contains("\\u{1B}[2J"))
    #expect(!study.contains("\nlockstep: forged"))
    let record = SyntheticStudy.records(of: SyntheticStudy.study())[0]
    var run = record.run
    run.model.name = Self.awkward
    #expect(Self.controls(in: RunReport(run).terminal).isEmpty)
  }

  @Test("In Markdown there is no HTML, no link, no cell and no line but the report's own")
  func markdown() throws {
    let text = Self.report.markdown
    #expect(Self.controls(in: text).isEmpty)
    // Blocks of code show what they hold as it is.
    let prose = try #require(text.components(separatedBy: "## Made by").first)
    #expect(!prose.contains("<script") && !prose.contains("[a](javascript"))
    #expect(text.contains("&lt;script&gt;") && text.contains("\\[a\\](javascript"))
    #expect(!text.split(separator: "\n").contains { $0.hasPrefix("lockstep: forged") })
    // Every row of a table has as many cells as its heading.
    var columns: Int?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        columns = nil
        continue
      }
      var (cells, isEscaped) = (0, false)
      for scalar in line.unicodeScalars {
        if scalar == "|", !isEscaped { cells += 1 }
        isEscaped = scalar == "\\" && !isEscaped
      }
      #expect(cells == columns ?? cells, "\(line)")
      columns = cells
    }
  }

  @Test("A command cannot leave its block")
  func code() {
    let study = SyntheticStudy.study()
    var record = SyntheticStudy.records(of: study)[0]
    record.run.command = "a ``` b\n```\n<b>"
    let text = StudyReport(study, [record]).markdown
    #expect(text.hasSuffix("\n````\na ``` b\\n```\\n<b>\n````\n"))
  }

  @Test("The page stays well-formed, with no element of a name's making")
  func page() throws {
    let html = try Self.report.html()
    #expect(Self.controls(in: html).isEmpty && !html.contains("<script") && !html.contains("<\u{301}"))
    let xml = html.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
      .replacingOccurrences(of: "<meta charset=\"utf-8\">", with: "")
      .replacingOccurrences(of: "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", with: "")
    #expect(XMLParser(data: Data(xml.utf8)).parse())
  }

  @Test("A spreadsheet runs nothing, and numbers stay numbers", arguments: AwkwardText.formulas + [awkward])
  func csv(text: String) {
    var study = SyntheticStudy.study()
    study.run.learningRate.base = -0.5
    let records = study.trials.map { trial in
      var record = SyntheticStudy.record(trial, of: study)
      record.run.command = text
      record.run.machine.processor = text
      return record
    }
    let csv = StudyReport(study, records).csv
    #expect(Self.controls(in: csv.replacingOccurrences(of: "\r\n", with: "\n")).isEmpty)
    for row in csv.components(separatedBy: "\r\n").dropFirst().dropLast() {
      let cells = Self.cells(row)
      for cell in cells.suffix(2) {
        #expect(!"=+-@\t\r\n".contains(cell.first ?? " "), "\(cell)")
      }
      #expect(cells[8] == "-0.5" || Double(cells[8]).map { $0 < 0 } == true, "a rate is a number: \(cells[8])")
    }
  }

  /// RFC 4180, read back.
  private static func cells(_ row: String) -> [String] {
    var (cells, cell, isQuoted) = ([String](), "", false)
    for scalar in row.unicodeScalars {
      switch scalar {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        cells.append(cell)
        cell = ""
      default: cell.unicodeScalars.append(scalar)
      }
    }
    return cells + [cell]
  }

  @Test("Pictures of a part lie in the report's folder, whatever its stored name is")
  func paths() throws {
    var study = SyntheticStudy.parts()
    study.parts?[0].name = "../../../x"
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = StudyReport(study, SyntheticStudy.partRecords(of: study))
    for path in try report.write(to: folder) {
      #expect(path.hasPrefix(folder + "/") && !path.contains(".."), "\(path)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/figures").contains("part1-call-time.svg"))
  }
}
