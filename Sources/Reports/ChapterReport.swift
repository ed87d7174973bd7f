import Configuration
import Studies
import Training

/// The report of one study, or of one of several in a file.
struct ChapterReport {
  /// nil where the study has no parts.
  let part: StudyPart?
  let summary: StudySummary
  let records: [TrialRecord]
  /// Notices from reading the results: a torn line that was left out.
  let notices: [String]
  /// From 1, among the study's chapters.
  private let number: Int

  init(_ chapter: StudyChapter, number: Int, notices: [String]) {
    self.number = number
    part = chapter.part
    summary = StudySummary(chapter.study, chapter.records)
    records = chapter.records
    self.notices = notices
  }

  /// With names that no other chapter's pictures have.
  var figures: [Figure] {
    summary.content.figures.map { figure in
      var figure = figure
      if part != nil { figure.name = "\(fileName)-\(figure.name)" }
      return figure
    }
  }

  /// The part's name where it is one, as every study file's is; a stored one may be anything, and must not lead anywhere.
  private var fileName: String {
    guard let part else { return "" }
    let isPlain = part.name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-")
    }
    return isPlain && !part.name.isEmpty && part.name.utf8.count <= 64 ? part.name : "part\(number)"
  }

  var claims: ClaimTables { ClaimTables(claims: summary.claims) }

  /// For the end of a study: the main table, the answer, and what to beware of.
  var terminal: String {
    let (words, content) = (StudyWords(summary: summary), summary.content)
    let ranks = summary.rankScaling.isEmpty ? "" : StudyTables(summary: summary).ranks.terminal + "\n"
    let findings = summary.claims.map { finding in
      "Claim: \(finding.claim.text): \(ClaimTables.name(finding.verdict))"
        + (finding.measured.map { " (\(Format.number($0)))" } ?? "")
    }
    let sentences =
      [content.answer] + content.reasoning + findings + (words.caveats + notices).map { "Note: \($0)" }
    let heading = VisibleText.line("\(part?.title ?? summary.study.name): \(source)")
    return "\(heading)\n\n\(content.compact.terminal)\n\(ranks)"
      + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  /// Machine, ranks, threads, seeds: the end of every caption.
  var source: String { Self.source(of: summary) }

  static func source(of summary: StudySummary) -> String {
    let provenance = summary.provenance
    let machines = provenance.machines.map {
      "\($0.processor), \(Format.plural($0.nodes.count, "node")) of \(Format.plural($0.coresPerNode, "core"))"
    }
    let ranks = Set(summary.points.map(\.place.ranks)).sorted().map { Format.integer($0) }
    let threads = provenance.threadsPerRank.map { Format.integer($0) }
    return [
      machines.isEmpty ? "not run yet" : Format.list(machines.uniqued), "ranks: \(Format.list(ranks))",
      "threads per rank: \(threads.isEmpty ? "not known yet" : Format.list(threads))",
      "seeds: \(Format.list(provenance.seeds.map { "\($0)" }))",
    ].joined(separator: "; ")
  }

  /// One row a trial, in the order in which they finished.
  ///
  /// - Parameters:
  ///   - axes: whose values have columns.
  ///   - searched: keys that have columns.
  func csvRows(_ axes: [Axis], searched: [String]) -> [[CSV.Cell]] {
    records.map { record in
      let (trial, run) = (record.trial, record.run)
      let measures = record.measures(cost: summary.study.cost, target: summary.study.target)
      let place = [.text(part?.name ?? "")] + ([.variant] + axes).map { CSV.Cell(trial.values[$0]) }
      let facts: [CSV.Cell] = [
        .number("\(run.threadsPerRank)"),
        .number("\(run.configuration.microBatch)"),
        .number("\(learningRate(record))"), .number("\(run.epochs.count)"), .number("\(run.stepsPerEpoch)"),
        .text("\(run.finalOutcome)"),
      ]
      let figures = Measure.allCases.map { measures[$0].map { CSV.Cell.number("\($0)") } ?? .empty }
      let settings = searched.map { key in trial.settings?.values[key].map { CSV.Cell.number("\($0)") } ?? .empty }
      return place + facts + settings + figures + [record.round.map { .number("\($0)") } ?? .empty]
        + [run.weightsSHA256, run.startedAt, run.machine.processor, run.command].map(CSV.Cell.text)
    }
  }

  private func learningRate(_ record: TrialRecord) -> Double {
    let trial = record.trial
    if trial.settings != nil {
      return record.run.configuration.learningRate.scaledRate(globalBatch: trial.globalBatch)
    }
    return summary.points.first { $0.place.values == trial.values.without(.seed) }?.learningRate
      ?? summary.study.run(of: trial.variant).learningRate.base
  }

  /// For `results.json`.
  var results: Results {
    let (words, content) = (StudyWords(summary: summary), summary.content)
    return Results(
      part: part?.name, title: part?.title, question: content.question, answer: content.answer,
      reasoning: content.reasoning, caveats: words.caveats + notices, summary: summary)
  }

  struct Results: Encodable {
    var part: String?
    var title: String?
    var question: String
    var answer: String
    var reasoning: [String]
    var caveats: [String]
    var summary: StudySummary
  }
}
