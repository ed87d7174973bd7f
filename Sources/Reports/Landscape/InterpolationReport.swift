import Files
import Foundation
import Landscape
import Training

/// The loss between the weights of two runs, in all its forms: a pure function of what was evaluated.
public struct InterpolationReport: Sendable {
  let record: InterpolationRecord
  /// The machine.
  let source: String

  /// - Parameter source: machine and ranks, for captions.
  public init(_ record: InterpolationRecord, source: String) {
    self.record = record
    self.source = source
  }

  /// By which a folder is known to hold such a report.
  public static let dataFile = "interpolation.json"

  private let question = "How does the loss change on the way from one run's weights to the other's, and beyond?"
  private var title: String { "\(record.first.run) and \(record.second.run), interpolated" }

  /// Writes `report.html`, `report.md`, `interpolation.csv`, `interpolation.json` and the pictures, each completely or not at
  /// all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written, `EncodingError`.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    try page.write(to: folder, with: [("interpolation.csv", csv), (Self.dataFile, try json())])
  }

  /// All figures. Throws `EncodingError`.
  public func json() throws -> String {
    String(decoding: try RecordFile.encoder(pretty: true).encode(record), as: UTF8.self) + "\n"
  }

  /// One page that needs nothing else.
  public func html() throws -> String { try page.html() }

  /// Tables and words, with links to the pictures that lie beside it.
  public var markdown: String { page.markdown }

  private var page: SinglePage {
    SinglePage(
      title: title, kind: "interpolation", question: question, answer: answer, reasoning: sentences, caveats: caveats,
      main: sections[0].table, counts: counts, figures: figures, source: source, sections: Array(sections.dropFirst()),
      limits: limits, commands: [record.command])
  }

  /// The tables and the answer, for a terminal.
  public var terminal: String {
    sections.map { "\(VisibleText.line($0.title))\n\($0.table.terminal)" }.joined(separator: "\n") + "\n"
      + ([answer] + sentences + caveats.map { "Note: \($0)" }).map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  /// What it says, in one line.
  public var line: String { VisibleText.line(answer) }

  /// A row a place.
  public var csv: String {
    let titles = [
      "path", "alpha", "trainingLoss", "trainingAccuracy", "\(record.heldOut)Loss", "\(record.heldOut)Accuracy",
    ]
    let rows = record.paths.flatMap { figures in
      figures.places.map { place -> [CSV.Cell] in
        let numbers: [Double?] = [
          place.alpha, place.training.loss, place.training.accuracy, place.heldOut.loss, place.heldOut.accuracy,
        ]
        return [CSV.Cell.text(figures.path.rawValue)] + numbers.map { $0.map { .number("\($0)") } ?? .empty }
      }
    }
    return CSV.text([titles.map(CSV.Cell.text)] + rows)
  }
}

extension InterpolationReport {
  /// One for each way.
  private var sections: [ReportSection] {
    record.paths.map { figures in
      ReportSection(
        figures.path == .straight ? "Straight" : "Curved", LandscapeWords.formula(figures.path), table(figures))
    }
  }

  private func table(_ figures: InterpolationFigures) -> Table {
    Table(
      [
        .number("α"), .number("Training loss"), .number("Training accuracy"), .number("\(heldOut) loss"),
        .number("\(heldOut) accuracy"),
      ],
      figures.places.map { place in
        [Format.number(place.alpha, digits: 4)]
          + [place.training, place.heldOut].flatMap {
            [Format.number($0.loss, digits: 4), $0.accuracy.map { Format.percent($0, 2) } ?? Format.missing]
          }
      })
  }

  private var heldOut: String { record.heldOut.prefix(1).uppercased() + record.heldOut.dropFirst() }

  /// Which end is the sharper, by the straight way.
  private var answer: String {
    let pairs = record.paths[0].beyond
    guard !pairs.isEmpty else { return "Nothing was evaluated beyond the two runs." }
    let higher = pairs.count { $0.first > $0.second }
    return
      "Beyond \(record.first.run) (α = 1 + d) the training loss is higher than as far beyond \(record.second.run) (α = −d) at "
      + "\(Format.integer(higher)) of \(Format.plural(pairs.count, "distance"))."
  }

  private var sentences: [String] {
    let function = LandscapeWords.function(record.statistics, batch: record.batch, samples: record.samples[0])
    return [
      "The training loss is \(function).",
      "The weights are \(Format.number(record.distance, digits: 4)) apart (Euclidean, statistics left out).",
    ]
  }

  /// Places that have no loss.
  private var caveats: [String] {
    let places = record.paths.flatMap(\.places)
    let missing = places.count { !$0.training.loss.isFinite || !$0.heldOut.loss.isFinite }
    guard missing > 0 else { return [] }
    let reason =
      record.statistics == .running
      ? ": beyond a run interpolated running variances can be below 0; --statistics batch has no such places" : ""
    return ["At \(Format.integer(missing)) of \(Format.plural(places.count, "place")) the loss is not finite\(reason)."]
  }

  private var counts: String {
    "x₁ is \(record.first.run), x₂ is \(record.second.run); evaluated on \(Format.integer(record.samples[0])) training and "
      + "\(Format.integer(record.samples[1])) \(record.heldOut) samples"
  }

  private var limits: [String] {
    [
      "One line through a space of very many dimensions shows one section of the loss, not its shape.",
      "Along a line the loss depends on how layers are scaled: a rescaling that leaves a network as it is changes the picture.",
    ]
  }

  /// A picture for each way: loss and accuracy, on both sets.
  package var figures: [Figure] {
    record.paths.map { figures in
      Figure(
        name: "interpolation-\(figures.path.rawValue)",
        caption: "\(LandscapeWords.formula(figures.path)) x₁ is \(record.first.run), x₂ is \(record.second.run).",
        panels: [panel(figures, "Loss (nats)", .log10) { $0.loss }, panel(figures, "Accuracy") { $0.accuracy }])
    }
  }

  private func panel(
    _ figures: InterpolationFigures, _ label: String, _ kind: AxisScale.Kind = .linear,
    _ figure: (InterpolationFigures.Figures) -> Double?
  ) -> String {
    func points(_ set: (InterpolationFigures.Place) -> InterpolationFigures.Figures) -> [Plot.Point] {
      figures.places.compactMap { place in figure(set(place)).map { Plot.Point(x: place.alpha, y: $0) } }
    }
    let name = label.prefix { $0 != " " }
    return Plot(
      "\(name), \(figures.path.rawValue) way", x: .init("α"), y: .init(label, kind),
      [
        Plot.Series("training", points(\.training), Look(0)),
        Plot.Series(record.heldOut, points(\.heldOut), Look(1)),
      ]
    ).svg()
  }
}

extension LandscapeWords {
  static func formula(_ path: Interpolation.Path) -> String {
    switch path {
    case .straight: "f(α x₁ + (1 − α) x₂)."
    case .curved: "f(sin(α π ÷ 2) x₁ + cos(α π ÷ 2) x₂)."
    }
  }
}
