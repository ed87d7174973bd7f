import Configuration
import Studies
import Training

/// The report of one study, or of one of several in a file.
struct ChapterReport {
  /// nil where the study has no parts.
  let part: StudyPart?
  let summary: StudySummary
  let records: [TrialRecord]
  /// Of reading the results: a torn line that was left out.
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
    StudyFigures(summary: summary).all.map { figure in
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

  /// What a chapter shows first.
  var mainTable: Table {
    summary.study.calls == nil ? StudyTables(summary: summary).main : CallReport(summary: summary).table
  }

  /// For the end of a study: the main table, the answer, and what to beware of.
  var terminal: String {
    let words = StudyWords(summary: summary)
    let tables = StudyTables(summary: summary)
    let main = summary.study.calls == nil ? tables.compact : CallReport(summary: summary).table
    let ranks = summary.rankScaling.isEmpty ? "" : tables.ranks.terminal + "\n"
    let findings = summary.claims.map { finding in
      "Claim: \(finding.claim.text): \(ClaimTables.name(finding.verdict))"
        + (finding.measured.map { " (\(Format.number($0)))" } ?? "")
    }
    let sentences =
      [words.answer] + words.reasoning + findings + (words.caveats + notices).map { "Note: \($0)" }
    let heading = VisibleText.line("\(part?.title ?? summary.study.name): \(source)")
    return "\(heading)\n\n\(main.terminal)\n\(ranks)"
      + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  /// Machine, ranks, threads, seeds: the end of every caption.
  var source: String {
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
  var csvRows: [[CSV.Cell]] {
    records.map { record in
      let (trial, run) = (record.trial, record.run)
      let measures = record.measures(cost: summary.study.cost, target: summary.study.target)
      let facts: [CSV.Cell] = [
        .text(part?.name ?? ""), .text(trial.variant ?? ""), .number("\(trial.globalBatch)"),
        .text(trial.scaling.rawValue), .number("\(trial.seed)"), .number("\(trial.ranks)"),
        .number("\(run.threadsPerRank)"), .number("\(run.configuration.microBatch)"),
        .number("\(learningRate(trial))"), .number("\(run.epochs.count)"), .number("\(run.stepsPerEpoch)"),
        .text("\(run.finalOutcome)"),
      ]
      let figures = Measure.allCases.map { measures[$0].map { CSV.Cell.number("\($0)") } ?? .empty }
      return facts + figures
        + [run.weightsSHA256, run.startedAt, run.machine.processor, run.command].map(CSV.Cell.text)
    }
  }

  private func learningRate(_ trial: Trial) -> Double {
    summary.points.first {
      $0.place.globalBatch == trial.globalBatch && $0.place.scaling == trial.scaling && $0.place.ranks == trial.ranks
        && $0.place.variant == trial.variant
    }?.learningRate ?? summary.study.run(of: trial.variant).learningRate.base
  }

  /// For `results.json`.
  var results: Results {
    let words = StudyWords(summary: summary)
    return Results(
      part: part?.name, title: part?.title, question: words.question, answer: words.answer,
      reasoning: words.reasoning, caveats: words.caveats + notices, summary: summary)
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

extension [String] {
  fileprivate var uniqued: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
