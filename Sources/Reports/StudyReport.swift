import Configuration
import Foundation
import Studies
import Training

/// A study's report in all its forms, as a pure function of its stored results. A study with parts has a chapter for
/// each.
public struct StudyReport: Sendable {
  let study: StudyConfiguration
  let chapters: [ChapterReport]

  /// A report of results in memory.
  public init(_ study: StudyConfiguration, _ records: [TrialRecord], notices: [String] = []) {
    self.study = study
    chapters = StudyChapter.of(study, records).enumerated().map { index, chapter in
      ChapterReport(chapter, number: index + 1, notices: index == 0 ? notices : [])
    }
  }

  /// A report of results read from a folder.
  public init(_ stored: StoredStudy) { self.init(stored.study, stored.records, notices: stored.notices) }

  /// The summary of a study without parts; of one with, the first part's.
  public var summary: StudySummary { chapters[0].summary }

  /// Writes `report.md`, `report.html`, `results.csv`, `results.json` and the pictures, each completely or not at all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    let figures = chapters.map(\.figures)
    let files = [
      ("report.html", try html(figures)), ("report.md", markdown(figures)), ("results.csv", csv),
      ("results.json", try json()),
    ]
    return try ReportFiles.write(files, figures.flatMap { $0 }, to: folder)
  }

  /// One page that needs nothing else: styles and pictures are inside it. Throws the template's error, which the
  /// template that is built in does not give.
  public func html() throws -> String { try html(chapters.map(\.figures)) }

  private func html(_ figures: [[Figure]]) throws -> String {
    let hasParts = study.parts != nil
    let model: [String: Any] = [
      "name": study.name, "kind": "study", "unfinished": chapters.contains { $0.summary.missingTrials > 0 },
      "about": lines(hasParts ? study.about : nil), "hasParts": hasParts,
      "contents": hasParts ? chapters.compactMap(\.part).map { ["name": $0.name, "title": $0.title] } : [],
      "findings": lines(hasParts ? ClaimTables(claims: allClaims).sentence : nil),
      "overview": hasParts && !allClaims.isEmpty ? [overview.model] : [],
      "chapters": zip(chapters, figures).map { $0.model($1) },
    ]
    return try ReportPage.html(model)
  }

  private func lines(_ text: String?) -> [String] { text.map { [$0] } ?? [] }

  private var overview: Table {
    ClaimTables.overview(chapters.map { ($0.part?.title ?? "", $0.summary.claims) })
  }

  /// Claims of all chapters.
  var allClaims: [ClaimFinding] { chapters.flatMap(\.summary.claims) }

  /// Tables and words, with links to the pictures that lie beside it.
  public var markdown: String { markdown(chapters.map(\.figures)) }

  private func markdown(_ figures: [[Figure]]) -> String {
    let about = study.parts == nil ? nil : study.about
    let findings = study.parts == nil ? nil : ClaimTables(claims: allClaims).sentence
    let parts =
      [Markdown.heading(1, study.name), about.map(Markdown.paragraph) ?? ""]
      + (findings.map { [Markdown.strong($0), overview.markdown] } ?? [])
      + zip(chapters, figures).flatMap { $0.markdown($1) }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// One row a trial, or a round of timing, in the order in which they finished, part by part; empty fields for what a trial does not have.
  public var csv: String {
    let axes = Axis.own + Axis.further.filter { axis in chapters.contains { $0.summary.furtherAxes.contains(axis) } }
    let header =
      ["part", Axis.variant.key] + axes.map(\.key) + [
        "threadsPerRank", "microBatch", "learningRate", "epochs", "stepsPerEpoch", "outcome",
      ]
    let searched = chapters.flatMap { $0.summary.study.search?.ranges.map(\.key) ?? [] }.uniqued
    let measures = Measure.allCases.map { $0.column(currency: study.cost.currency) }
    let titles =
      header + searched.map { "search.\($0)" } + measures + [
        "round", "weightsSHA256", "startedAt", "processor", "command",
      ]
    return CSV.text([titles.map(CSV.Cell.text)] + chapters.flatMap { $0.csvRows(axes, searched: searched) })
  }

  /// Answer, summary and fits; of a study with parts, those of each. Throws `EncodingError`.
  public func json() throws -> String {
    let encoder = RecordFile.encoder(pretty: true)
    let data =
      study.parts == nil
      ? try encoder.encode(chapters[0].results)
      : try encoder.encode(Parts(name: study.name, about: study.about, parts: chapters.map(\.results)))
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// `results.json` of a study with parts.
  private struct Parts: Encodable {
    var name: String
    var about: String?
    var parts: [ChapterReport.Results]
  }

  /// For the end of a study: the main table, the answer, and what to beware of.
  public var terminal: String {
    let findings = study.parts == nil ? nil : ClaimTables(claims: allClaims).sentence
    return (chapters.map(\.terminal) + [findings.map { $0 + "\n" }].compactMap { $0 }).joined(separator: "\n")
  }
}
