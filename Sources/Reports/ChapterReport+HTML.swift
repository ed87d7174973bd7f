import Studies

extension ChapterReport {
  /// For the template.
  func model(_ figures: [Figure]) -> [String: Any] {
    let (words, content) = (StudyWords(summary: summary), summary.content)
    return [
      "heading": part.map { [["name": $0.name, "title": $0.title]] } ?? [], "level": part == nil ? "h2" : "h3",
      "question": part == nil ? [content.question] : [], "about": summary.study.about.map { [$0] } ?? [],
      "answer": content.answer, "reasoning": content.reasoning, "caveats": words.caveats + notices, "counts": counts,
      "opening": summary.claims.isEmpty
        ? [] : [["title": "What others say", "sentence": claims.sentence ?? "", "table": claims.table.model]],
      "main": content.main.model, "hasFigures": !figures.isEmpty,
      "figures": figures.map { $0.model(source: source, commands: summary.provenance.commands) },
      "sections": sections.filter { !$0.table.rows.isEmpty }.map(sectionModel),
      "limits": content.limits, "commands": summary.provenance.commands,
    ]
  }

  private var counts: String {
    let seconds = records.map(\.run.startedAt).sorted()
    let when = seconds.first.map { first in
      let last = seconds.last ?? first
      return first == last ? ", started \(first)" : ", started \(first) to \(last)"
    }
    let figures =
      summary.study.calls == nil
      ? "Times are medians over the epochs of equal work, with a 95 % interval from six epochs on; quality is mean ± standard "
        + "deviation over seeds. " : "Mean ± standard deviation over seeds. "
    return figures + summary.content.explanation
      + "\(Format.plural(summary.finishedTrials, "trial")) finished, \(summary.divergedTrials) of them diverged, "
      + "\(summary.missingTrials) not run yet" + (when ?? "")
  }

  private func sectionModel(_ section: ReportSection) -> [String: Any] {
    // Many chapters would repeat much that few look up.
    section.model(isFolded: part != nil && ["Machine", "Configuration"].contains(section.title))
  }
}
