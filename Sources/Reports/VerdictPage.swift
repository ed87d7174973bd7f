import Studies

/// What all criteria of several studies came to, in one table: a pure function of their stored results.
public struct VerdictPage: Sendable {
  private let chapters: [(study: String, chapter: ChapterReport)]

  /// In this order, each with the claims of its file.
  public init(_ studies: [StoredStudy]) {
    chapters = studies.flatMap { stored in
      StudyReport(stored).chapters.map { (study: stored.study.name, chapter: $0) }
    }
  }

  /// One row a criterion; studies without claims have none.
  var table: Table {
    Table(
      [
        .text("Study"), .text("Criterion"), .number("Published"), .text("Measured here"), .text("Asked for"),
        .text("Verdict"),
        .text("Made by"),
      ],
      chapters.flatMap { study, report in
        let name = report.part.map { "\(study): \($0.title)" } ?? study
        let command = report.summary.provenance.commands.first ?? "not run yet"
        return report.summary.claims.map { finding in
          [
            name, "\(finding.claim.text) (\(finding.claim.source))",
            finding.claim.published.map { Format.number($0) } ?? "no figure", ClaimTables.measured(finding),
            ClaimTables.bounds(finding.claim), ClaimTables.name(finding.verdict), command,
          ]
        }
      })
  }

  /// How many there are of each, then the table.
  public var markdown: String {
    let claims = ClaimTables(claims: chapters.flatMap(\.chapter.summary.claims))
    guard let sentence = claims.sentence else { return "None of these studies has claims." }
    return [Markdown.paragraph(sentence), table.markdown].joined(separator: "\n\n")
  }
}
