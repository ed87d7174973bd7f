import Configuration
import Files
import Foundation
import Studies
import Training

/// A study's report in all its forms, as a pure function of its stored results.
public struct StudyReport: Sendable {
  public let summary: StudySummary
  let records: [TrialRecord]
  /// Of reading the results: a torn line that was left out.
  let notices: [String]

  public init(_ study: StudyConfiguration, _ records: [TrialRecord], notices: [String] = []) {
    summary = StudySummary(study, records)
    self.records = records
    self.notices = notices
  }

  public init(_ stored: StoredStudy) { self.init(stored.study, stored.records, notices: stored.notices) }

  /// Writes `report.md`, `report.html`, `results.csv`, `results.json` and the pictures, each completely or not at all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    let figures = StudyFigures(summary: summary).all
    var files = [
      ("report.html", try html(figures)), ("report.md", markdown(figures)), ("results.csv", csv),
      ("results.json", try json()),
    ]
    for figure in figures {
      for (index, panel) in figure.panels.enumerated() { files.append((Self.path(figure, index), panel)) }
    }
    func path(_ file: String) -> String { (folder as NSString).appendingPathComponent(file) }
    _ = try OutputFolder(folder)
    if !figures.isEmpty { _ = try OutputFolder(path("figures")) }
    for (file, text) in files { try AtomicFile.write(Data(text.utf8), to: path(file)) }
    return files.map { path($0.0) }
  }

  /// One row a trial, in the order in which they finished; empty fields for what a trial does not have.
  public var csv: String {
    let header = [
      "globalBatch", "scaling", "seed", "ranks", "threadsPerRank", "microBatch", "learningRate", "epochs",
      "stepsPerEpoch",
      "outcome",
    ]
    let rows = records.map { record in
      let (trial, run) = (record.trial, record.run)
      let measures = record.measures(cost: summary.study.cost, target: summary.study.target)
      let facts = [
        "\(trial.globalBatch)", trial.scaling.rawValue, "\(trial.seed)", "\(trial.ranks)", "\(run.threadsPerRank)",
        "\(run.configuration.microBatch)", "\(learningRate(trial))", "\(run.epochs.count)", "\(run.stepsPerEpoch)",
        "\(run.outcome)",
      ]
      return facts + Measure.allCases.map { measures[$0].map { "\($0)" } ?? "" } + [
        run.weightsSHA256, run.startedAt, run.machine.processor, run.command,
      ]
    }
    let measures = Measure.allCases.map {
      $0 == .epochCost || $0 == .trainingCost || $0 == .costToTarget ? currency($0) : $0.rawValue
    }
    return CSV.text([header + measures + ["weightsSHA256", "startedAt", "processor", "command"]] + rows)
  }

  /// Answer, summary and fits.
  public func json() throws -> String {
    let words = StudyWords(summary: summary)
    let results = Results(
      question: words.question, answer: words.answer, reasoning: words.reasoning, caveats: words.caveats + notices,
      summary: summary)
    return String(decoding: try RecordFile.encoder(pretty: true).encode(results), as: UTF8.self) + "\n"
  }

  /// For the end of a study: the main table, the answer, and what to beware of.
  public var terminal: String {
    let words = StudyWords(summary: summary)
    let tables = StudyTables(summary: summary)
    let ranks = summary.rankScaling.isEmpty ? "" : tables.ranks.terminal + "\n"
    let sentences = [words.answer] + words.reasoning + (words.caveats + notices).map { "Note: \($0)" }
    return "\(summary.study.name): \(source)\n\n\(tables.compact.terminal)\n\(ranks)"
      + sentences.joined(separator: "\n")
      + "\n"
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

  static func path(_ figure: Figure, _ panel: Int) -> String {
    "figures/\(figure.name)\(figure.panels.count > 1 ? "-\(panel + 1)" : "").svg"
  }

  private func currency(_ measure: Measure) -> String { "\(measure.rawValue)_\(summary.study.cost.currency)" }

  private func learningRate(_ trial: Trial) -> Double {
    summary.points.first {
      $0.place.globalBatch == trial.globalBatch && $0.place.scaling == trial.scaling && $0.place.ranks == trial.ranks
    }?.learningRate ?? summary.study.run.learningRate.base
  }
}

/// `results.json`.
private struct Results: Encodable {
  var question: String
  var answer: String
  var reasoning: [String]
  var caveats: [String]
  var summary: StudySummary
}

extension [String] {
  fileprivate var uniqued: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
