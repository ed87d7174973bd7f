/// A report of one chapter, as a page and as Markdown: question, answer, what speaks for it and against it, the table that shows it,
/// figures, further tables, limits and the commands that made it.
struct SinglePage {
  var title: String
  /// Tells readers of the page's source what it is.
  var kind: String
  var question: String
  var answer: String
  var reasoning: [String]
  var caveats: [String]
  /// Before the main table; nil where there is none.
  var opening: ReportSection?
  var main: Table
  /// Below the main table, without a full stop.
  var counts: String
  var figures: [Figure]
  /// The end of captions: machine, ranks, threads, seeds.
  var source: String
  var sections: [ReportSection]
  /// After the sections, closed on the page.
  var folded: [ReportSection] = []
  var limits: [String]
  /// As typed.
  var commands: [String]

  /// Writes `report.html`, `report.md`, further files and the pictures, each completely or not at all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written.
  func write(to folder: String, with data: [(name: String, text: String)]) throws -> [String] {
    try ReportFiles.write([("report.html", try html()), ("report.md", markdown)] + data, figures, to: folder)
  }

  /// Needs nothing else.
  func html() throws -> String {
    let chapter: [String: Any] = [
      "heading": [], "level": "h2", "question": [question], "about": [], "answer": answer, "reasoning": reasoning,
      "caveats": caveats,
      "opening": opening.map { [["title": $0.title, "sentence": $0.note, "table": $0.table.model]] } ?? [],
      "main": main.model, "counts": counts, "hasFigures": !figures.isEmpty,
      "figures": figures.map { $0.model(source: source, commands: commands) },
      "sections": sections.map { $0.model() } + folded.map { $0.model(isFolded: true) },
      "limits": limits, "commands": commands,
    ]
    return try ReportPage.html([
      "name": title, "kind": kind, "about": [], "hasParts": false, "contents": [], "findings": [], "overview": [],
      "chapters": [chapter],
    ])
  }

  /// With links to the pictures that lie beside it.
  var markdown: String {
    var parts = [Markdown.heading(1, title), Markdown.paragraph(question), Markdown.strong(answer)]
    parts += reasoning.map(Markdown.paragraph) + [Markdown.bullets(caveats)]
    parts += opening?.markdown(level: 2) ?? []
    parts += [Markdown.heading(2, "Results"), main.markdown, Markdown.paragraph("\(counts).")]
    parts += figures.flatMap { $0.markdown(source: source) }
    parts += (sections + folded).flatMap { $0.markdown(level: 2) }
    parts += [Markdown.heading(2, "Limits"), Markdown.bullets(limits), Markdown.heading(2, "Made by")]
    parts += commands.map(Markdown.code)
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }
}
