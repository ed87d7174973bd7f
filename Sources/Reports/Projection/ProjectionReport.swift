import Configuration
import Foundation
import Studies
import Training

/// A projection in all its forms, as a pure function of a study's stored results and a network's model.
public struct ProjectionReport: Sendable {
  package let projection: Projection
  let name: String
  let cost: StudyConfiguration.Cost
  /// Machine, ranks, threads, seeds of the study's trials, fitted or not.
  let source: String
  /// As typed.
  let commands: [String]
  let notices: [String]

  /// - Parameters:
  ///   - pricePerNodeHour: nil takes the study's.
  ///   - command: as typed.
  public init(
    _ projection: Projection, of subject: ProjectionSubject, pricePerNodeHour: Double? = nil, command: String,
    notices: [String] = []
  ) {
    self.projection = projection
    let study = subject.summary.study
    name = ([study.name] + subject.labels).joined(separator: ", ")
    var cost = study.cost
    cost.pricePerNodeHour = pricePerNodeHour ?? cost.pricePerNodeHour
    self.cost = cost
    source = ChapterReport.source(of: subject.summary)
    commands = subject.summary.provenance.commands + [command]
    self.notices = notices
  }

  /// By which a folder is known to hold such a report.
  public static let dataFile = "projection.json"

  private var tables: ProjectionTables { ProjectionTables(projection, cost: cost) }
  private var words: ProjectionWords { ProjectionWords(projection, cost: cost) }
  private var title: String { "\(name), projected" }
  private let question = "What would more nodes bring, and what would they cost?"
  private var sections: [ReportSection] { tables.sections.filter { !$0.table.rows.isEmpty } }

  private let limits = [
    "An epoch is training alone; evaluation and checkpoints are left out. Money is price per node-hour × nodes × hours.",
    "Buckets are taken to be equal, and to become ready at even intervals of the backward pass.",
    "The time to the goal takes as many epochs as the study's trials of that global batch needed; a batch that it did not run has "
      + "none.",
    "Waiting supposes that ranks' times are normally distributed and independent of each other; a rank that is slow for good "
      + "is not among them.",
    "Rows that further samples touch follow a power of their number.",
  ]

  /// Writes `report.html`, `report.md`, `projection.csv`, `projection.json` and the pictures, each completely or not at all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    try page.write(to: folder, with: [("projection.csv", csv), (Self.dataFile, try json())])
  }

  private var figures: [Figure] { ProjectionFigures(projection, cost: cost).all }

  /// One page that needs nothing else.
  public func html() throws -> String { try page.html() }

  /// Tables and words, with links to the pictures that lie beside it.
  public var markdown: String { page.markdown }

  private var page: SinglePage {
    SinglePage(
      title: title, kind: "projection", question: question, answer: words.answer,
      reasoning: words.reasoning + words.model, caveats: words.caveats + notices, main: tables.strong, counts: counts,
      figures: figures, source: source, sections: sections, limits: limits, commands: commands)
  }

  private var counts: String {
    "Each global batch on more and more ranks; efficiency is against one rank with the same batch. The study ran on \(source)"
  }

  /// A row a point: strong scaling, then weak.
  public var csv: String {
    let titles =
      [
        "scaling", "globalBatch", "ranks", "nodes", "basis", "stepSeconds", "lowSeconds", "highSeconds",
        "measuredStepSeconds",
        "limitedBy",
      ] + StepTerms.Term.allCases.map { "\($0.rawValue)Seconds" } + [
        "exchangeSeconds", "hiddenShare", "efficiency", "epochSeconds", "epochNodeHours", "epochCost_\(cost.currency)",
        "epochsToGoal", "secondsToGoal", "costToGoal_\(cost.currency)", "isOnFront", "narrowStepSeconds",
      ]
    let rows = projection.strong.map { row("strong", $0) } + projection.weak.map { row("weak", $0) }
    return CSV.text([titles.map(CSV.Cell.text)] + rows)
  }

  private func row(_ scaling: String, _ point: Projection.Point) -> [CSV.Cell] {
    func number(_ value: Double?) -> CSV.Cell { value.map { .number("\($0)") } ?? .empty }
    return [
      .text(scaling), .number("\(point.globalBatch)"), .number("\(point.ranks)"), .number("\(point.nodes)"),
      .text(point.basis.rawValue), number(point.stepSeconds), number(point.interval?.lower),
      number(point.interval?.upper),
      number(point.measuredStepSeconds), .text(point.terms.limiting.rawValue),
    ] + StepTerms.Term.allCases.map { number(point.terms[$0]) } + [
      number(point.exchangeSeconds), number(point.hiddenShare), number(point.efficiency), number(point.epochSeconds),
      number(point.epochNodeHours), number(point.epochNodeHours * cost.pricePerNodeHour), number(point.epochsToGoal),
      number(point.secondsToGoal), number(point.nodeHoursToGoal.map { $0 * cost.pricePerNodeHour }),
      .text(point.isOnFront ? "yes" : "no"), number(point.narrowStepSeconds),
    ]
  }

  /// The projection's own figures, without those that follow from them: shares, errors, time and money to the goal.
  ///
  /// - Throws: `EncodingError`
  public func json() throws -> String {
    String(decoding: try RecordFile.encoder(pretty: true).encode(projection), as: UTF8.self) + "\n"
  }

  /// A short table and the answer, for a terminal.
  public var terminal: String {
    let heldOut = tables.heldOut
    let sentences = [words.answer] + words.reasoning + (words.caveats + notices).map { "Note: \($0)" }
    let tables = [tables.compact] + (heldOut.rows.isEmpty ? [] : [heldOut])
    return VisibleText.line("\(title): \(source)") + "\n\n" + tables.map { $0.terminal }.joined(separator: "\n") + "\n"
      + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }
}
