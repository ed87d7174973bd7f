import Foundation
import Studies
import Training

/// Several studies on one page, as a pure function of their stored results.
public struct ComparisonReport: Sendable {
  package let comparison: StudyComparison
  /// As typed.
  let command: String

  /// A report of a comparison that a command made.
  public init(_ comparison: StudyComparison, command: String) {
    self.comparison = comparison
    self.command = command
  }

  /// By which a folder is known to hold such a report.
  public static let dataFile = "comparison.json"

  private var facts: ComparisonFacts { ComparisonFacts(comparison.studies) }
  private var tables: ComparisonTables { ComparisonTables(comparison) }
  private var words: ComparisonWords { ComparisonWords(comparison, facts) }
  private var names: [String] { comparison.studies.map(\.name) }
  private var title: String { Format.list(names) }
  private let question =
    "Do these studies differ in time and quality by more than chance, and what else differs between them?"

  /// Writes `report.html`, `report.md`, `comparison.csv`, `comparison.json` and the pictures, each completely or not at all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    try page.write(to: folder, with: [("comparison.csv", csv), (Self.dataFile, try json())])
  }

  /// What stands before figures and tables: the facts that differ.
  private var opening: ReportSection {
    ReportSection("What differs", words.differing, facts.differences(names))
  }

  /// The tables of figures that are there.
  private var findings: [ReportSection] {
    [
      ReportSection("Times", words.times, tables.times), ReportSection("Job sizes", words.jobSizes, tables.jobSizes),
      ReportSection("Quality", words.quality, tables.quality),
    ].filter { !$0.table.rows.isEmpty }
  }

  /// The first of them stands before the figures.
  private var results: ReportSection { findings.first ?? ReportSection("Times", words.times, tables.times) }

  /// Below the figures.
  private var sections: [ReportSection] {
    let rest = [
      ReportSection("In one study only", "Settings that no other study ran: nothing is said of them.", tables.alone),
      ReportSection(
        "Not compared", "Parts and variants of the same name whose data or models are others.", tables.leftOut),
    ]
    let further = findings.dropFirst().map { ReportSection($0.title, $0.note + ".", $0.table) }
    return further + rest.filter { !$0.table.rows.isEmpty }
  }

  private var same: ReportSection {
    ReportSection("What is the same", "", facts.same)
  }

  /// One page that needs nothing else.
  public func html() throws -> String { try page.html() }

  /// Tables and words, with links to the pictures that lie beside it.
  public var markdown: String { page.markdown }

  private var page: SinglePage {
    let (opening, results) = (opening, results)
    return SinglePage(
      title: title, kind: "comparison", question: question, answer: words.answer, reasoning: words.reasoning,
      caveats: words.caveats, opening: opening.table.rows.isEmpty ? nil : opening, main: results.table,
      counts: results.note, figures: ComparisonFigures(comparison).all, source: source, sections: sections,
      folded: [same], limits: words.limits, commands: [command])
  }

  /// The end of a caption.
  private var source: String {
    zip(names, comparison.studies).map { name, study in
      let machines = study.provenance.machines.map { "\($0.processor), \(Format.plural($0.nodes.count, "node"))" }
      let ranks = Set(study.stored.records.map(\.run.ranks)).sorted().map { Format.integer($0) }
      return "\(name): \(Format.list(machines.uniqued)); ranks: \(Format.list(ranks))"
    }.joined(separator: ". ")
  }

  /// A row a comparison: of times, then of quality.
  public var csv: String { tables.csv }

  /// What was compared and found.
  ///
  /// - Throws: `EncodingError`
  public func json() throws -> String {
    String(decoding: try RecordFile.encoder(pretty: true).encode(comparison), as: UTF8.self) + "\n"
  }

  /// The tables and the answer, for a terminal.
  public var terminal: String {
    let shown = [tables.times, tables.quality, tables.jobSizes].filter { !$0.rows.isEmpty }
    let sentences = [words.answer] + words.reasoning + words.caveats.map { "Note: \($0)" }
    return VisibleText.line(title) + "\n\n" + shown.map(\.terminal).joined(separator: "\n") + "\n"
      + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }
}
