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
    let figures = figures
    let texts = [
      (name: "report.html", text: try html(figures)), (name: "report.md", text: markdown(figures)),
      (name: "comparison.csv", text: csv), (name: Self.dataFile, text: try json()),
    ]
    return try ReportFiles.write(texts, figures, to: folder)
  }

  private var figures: [Figure] { ComparisonFigures(comparison).all }

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
  public func html() throws -> String { try html(figures) }

  private func html(_ figures: [Figure]) throws -> String {
    let opening = opening
    let results = results
    let chapter: [String: Any] = [
      "heading": [], "level": "h2", "question": [question], "about": [], "answer": words.answer,
      "reasoning": words.reasoning, "caveats": words.caveats,
      "opening": opening.table.rows.isEmpty
        ? [] : [["title": opening.title, "sentence": opening.note, "table": opening.table.model]],
      "main": results.table.model, "counts": results.note, "hasFigures": !figures.isEmpty,
      "figures": figures.map { $0.model(source: source, commands: [command]) },
      "sections": sections.map { $0.model() } + [same.model(isFolded: true)],
      "limits": words.limits, "commands": [command],
    ]
    return try ReportPage.html([
      "name": title, "kind": "comparison", "about": [], "hasParts": false, "contents": [], "findings": [],
      "overview": [], "chapters": [chapter],
    ])
  }

  /// The end of a caption.
  private var source: String {
    zip(names, comparison.studies).map { name, study in
      let machines = study.provenance.machines.map { "\($0.processor), \(Format.plural($0.nodes.count, "node"))" }
      let ranks = Set(study.stored.records.map(\.run.ranks)).sorted().map { Format.integer($0) }
      return "\(name): \(Format.list(machines.uniqued)); ranks: \(Format.list(ranks))"
    }.joined(separator: ". ")
  }

  /// Tables and words, with links to the pictures that lie beside it.
  public var markdown: String { markdown(figures) }

  private func markdown(_ figures: [Figure]) -> String {
    var parts = [Markdown.heading(1, title), Markdown.paragraph(question), Markdown.strong(words.answer)]
    parts += words.reasoning.map(Markdown.paragraph) + [Markdown.bullets(words.caveats)]
    if !opening.table.rows.isEmpty { parts += opening.markdown(level: 2) }
    parts += ReportSection("Results", results.note + ".", results.table).markdown(level: 2)
    parts += figures.flatMap { $0.markdown(source: source) }
    parts += (sections + [same]).flatMap { $0.markdown(level: 2) }
    parts += [Markdown.heading(2, "Limits"), Markdown.bullets(words.limits), Markdown.heading(2, "Made by")]
    return (parts + [Markdown.code(command)]).filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
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
