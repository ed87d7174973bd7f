/// A table under a heading, with a note above it; an empty note is none.
struct ReportSection {
  var title: String
  var note: String
  var table: Table

  init(_ title: String, _ note: String, _ table: Table) {
    self.title = title
    self.note = note
    self.table = table
  }

  /// For the template.
  func model(isFolded: Bool = false) -> [String: Any] {
    let model: [String: Any] = ["title": title, "note": note.isEmpty ? [] : [note], "table": table.model]
    return ["open": isFolded ? [] : [model], "folded": isFolded ? [model] : []]
  }

  /// Paragraphs.
  func markdown(level: Int) -> [String] {
    [Markdown.heading(level, title), Markdown.paragraph(note), table.markdown]
  }
}
