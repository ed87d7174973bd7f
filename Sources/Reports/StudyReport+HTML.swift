import Mustache
import Studies

extension StudyReport {
  /// One page that needs nothing else: styles and pictures are inside it.
  public func html() throws -> String { try html(StudyFigures(summary: summary).all) }

  func html(_ figures: [Figure]) throws -> String {
    let words = StudyWords(summary: summary)
    let model: [String: Any] = [
      "name": summary.study.name, "question": words.question, "answer": words.answer, "reasoning": words.reasoning,
      "caveats": words.caveats + notices, "counts": counts, "main": StudyTables(summary: summary).main.model,
      "hasFigures": !figures.isEmpty, "figures": figures.map(figureModel),
      "sections": sections.filter { !$0.table.rows.isEmpty }.map(sectionModel),
      "limits": words.limits, "source": source, "commands": summary.provenance.commands,
    ]
    return try MustacheTemplate(string: reportTemplate).render(model)
  }

  private var counts: String {
    let seconds = records.map(\.run.startedAt).sorted()
    let when = seconds.first.map { first in
      let last = seconds.last ?? first
      return first == last ? ", started \(first)" : ", started \(first) to \(last)"
    }
    return "\(Format.plural(summary.finishedTrials, "trial")) finished, \(summary.divergedTrials) of them diverged, "
      + "\(summary.missingTrials) not run yet" + (when ?? "")
  }

  private func figureModel(_ figure: Figure) -> [String: Any] {
    [
      "name": figure.name, "caption": figure.caption, "source": source, "panels": figure.panels,
      "layout": figure.panels.count > 1 ? "wide" : "single", "commands": summary.provenance.commands,
    ]
  }

  private func sectionModel(_ section: (title: String, note: String, table: Table)) -> [String: Any] {
    ["title": section.title, "note": section.note.isEmpty ? [] : [section.note], "table": section.table.model]
  }
}
