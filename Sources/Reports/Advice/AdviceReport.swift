import Configuration
import Files
import Studies
import Training

/// Advice on the global batch in all its forms: a pure function of a run's and a timing's stored results.
public struct AdviceReport: Sendable {
  package let advice: Advice
  /// The run's.
  let name: String
  /// Machine and ranks of the timing, or of the run.
  let source: String
  /// As typed: the run's, the studies' and this one.
  let commands: [String]
  let notices: [String]

  /// - Parameters:
  ///   - name: the run's.
  ///   - question: that the advice answers.
  ///   - command: as typed.
  public init(
    _ advice: Advice, of run: RunRecord, name: String, _ question: AdviceQuestion, command: String,
    notices: [String] = []
  ) {
    self.advice = advice
    self.name = name
    let studies = [question.timings, question.sweep].compactMap { $0?.summary }
    source =
      (question.timings?.summary).map { ChapterReport.source(of: $0) }
      ?? "\(run.machine.processor), \(Format.plural(run.ranks, "rank"))"
    commands = ([run.command] + studies.flatMap(\.provenance.commands) + [command]).uniqued
    self.notices = notices
  }

  /// By which a folder is known to hold such a report.
  public static let dataFile = "advice.json"

  private let question = "Which global batch size would be the quickest and the cheapest, before any other is trained?"
  private var title: String { "\(name): advice" }
  private var words: AdviceWords { AdviceWords(advice) }

  /// Writes `report.html`, `report.md`, `advice.csv`, `advice.json` and the pictures, each completely or not at all.
  ///
  /// - Returns: what was written, the page to open first.
  /// - Throws: `FileError` where the folder cannot be written, `EncodingError`.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    try page.write(to: folder, with: [("advice.csv", csv), (Self.dataFile, try json())])
  }

  /// All figures. Throws `EncodingError`.
  public func json() throws -> String {
    String(decoding: try RecordFile.encoder(pretty: true).encode(advice), as: UTF8.self) + "\n"
  }

  /// One page that needs nothing else.
  public func html() throws -> String { try page.html() }

  /// Tables and words, with links to the pictures that lie beside it.
  public var markdown: String { page.markdown }

  private var page: SinglePage {
    SinglePage(
      title: title, kind: "advice", question: question, answer: words.answer, reasoning: words.reasoning,
      caveats: words.caveats + notices, main: main, counts: counts, figures: figures, source: source,
      sections: sections,
      limits: AdviceWords.limits, commands: commands)
  }

  /// The tables and the answer, for a terminal.
  public var terminal: String {
    let sentences = [words.answer] + words.reasoning + (words.caveats + notices).map { "Note: \($0)" }
    let tables = [main] + (advice.comparisons.isEmpty ? [] : [comparisons])
    return tables.map(\.terminal).joined(separator: "\n") + "\n"
      + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  /// A row for each batch and rank count, or for each batch where nothing was timed.
  public var csv: String {
    let currency = advice.cost?.currency ?? ""
    func ends(_ name: String) -> [String] { [name, "\(name)Low", "\(name)High"] }
    let titles =
      ["globalBatch"] + ends("updates") + ends("examples") + ["ranks", "basis"] + ends("stepSeconds") + ends("seconds")
      + ends("cost_\(currency)") + ["measuredUpdates"]
    let rows = advice.rows.flatMap { row in
      row.prices.isEmpty ? [self.row(row, nil)] : row.prices.map { self.row(row, $0) }
    }
    return CSV.text([titles.map(CSV.Cell.text)] + rows)
  }

  private func row(_ row: Advice.Row, _ price: Advice.Price?) -> [CSV.Cell] {
    func cells(_ figure: AdvisedFigure?) -> [CSV.Cell] {
      guard let figure else { return [.empty, .empty, .empty] }
      return [figure.value, figure.low, figure.high].map { .number("\($0)") }
    }
    let measured = advice.comparisons.first { $0.globalBatch == row.globalBatch }?.measured
    return [.number("\(row.globalBatch)")] + cells(row.updates) + cells(row.examples)
      + [price.map { .number("\($0.ranks)") } ?? .empty, price.map { .text($0.basis.rawValue) } ?? .empty]
      + cells(price?.stepSeconds) + cells(price?.seconds) + cells(price?.cost)
      + [measured.map { .number("\($0)") } ?? .empty]
  }

  private var counts: String {
    "Updates to the goal, with the range that they would have were the noise scale \(AdviceWords.factors) of what was measured; "
      + "time and money with what the step's time leaves open besides"
  }
}

extension AdviceReport {
  private var main: Table {
    let hasPrices = advice.rows.contains { !$0.prices.isEmpty }
    let currency = advice.cost.map { $0.pricePerNodeHour > 0 ? $0.currency : nil } ?? nil
    var headings: [Table.Heading] = [
      .number("Batch"), .number("Updates"), .text("Range"), .number("Samples"), .number("Samples × fewest"),
    ]
    if hasPrices {
      headings += [.number("Ranks"), .number("Step"), .text("Rests on"), .number("Time"), .text("Range")]
    }
    if hasPrices, let currency { headings += [.number(currency), .text("Range")] }
    let fewest = advice.rows.map(\.examples.value).min() ?? 1
    return Table(
      headings,
      advice.rows.flatMap { row -> [[String]] in
        let own = [
          Format.integer(row.globalBatch), Format.number(row.updates.value), Self.range(row.updates),
          Format.number(row.examples.value), Format.fixed(row.examples.value / fewest, 2),
        ]
        guard hasPrices else { return [own] }
        return row.prices.map { price in
          let time = [
            Format.integer(price.ranks), Format.seconds(price.stepSeconds.value), AdviceWords.name(price.basis),
            Format.seconds(price.seconds.value),
            "\(Format.seconds(price.seconds.low)) – \(Format.seconds(price.seconds.high))",
          ]
          return own + time + (currency == nil ? [] : [Format.number(price.cost.value), Self.range(price.cost)])
        }
      })
  }

  private static func range(_ figure: AdvisedFigure) -> String {
    "\(Format.number(figure.low)) – \(Format.number(figure.high))"
  }

  private var sections: [ReportSection] {
    [
      ReportSection("Beside what a sweep found", words.coverage, comparisons),
      ReportSection(
        "The run's noise scale", "tr Σ ÷ ‖G‖² over each epoch's measured updates, in samples (McCandlish et al. 2018).",
        course),
    ].filter { !$0.table.rows.isEmpty }
  }

  private var comparisons: Table {
    Table(
      [
        .number("Batch"), .number("Updates, told"), .text("Range"), .number("Updates, measured"), .number("Miss (%)"),
        .text("Inside"),
      ],
      advice.comparisons.map { row in
        [
          Format.integer(row.globalBatch), Format.number(row.updates.value), Self.range(row.updates),
          Format.number(row.measured), Format.fixed(100 * (row.updates.value / row.measured - 1), 1),
          row.isInside ? "yes" : "no",
        ]
      })
  }

  private var course: Table {
    Table(
      [.number("Epoch"), .number("Updates"), .number("Batch"), .number("Noise scale"), .text("Estimate")],
      advice.course.stretches.map { stretch in
        [
          Format.integer(stretch.epoch), Format.integer(stretch.updates), Format.integer(stretch.globalBatch),
          Format.number(stretch.noiseScale), stretch.isPooled ? "of all epochs" : "its own",
        ]
      })
  }
}

extension AdviceReport {
  /// In the order of the page.
  package var figures: [Figure] { [updates, times].compactMap { $0 } }

  private var batchAxis: Plot.Axis {
    Plot.Axis("Global batch (samples)", .log2, ticks: advice.rows.map { Double($0.globalBatch) })
  }

  private static func points(_ rows: [Advice.Row], _ figure: (Advice.Row) -> AdvisedFigure?) -> [Plot.Point] {
    rows.compactMap { row in
      figure(row).map { Plot.Point(x: Double(row.globalBatch), y: $0.value, range: $0.low...$0.high) }
    }
  }

  private var updates: Figure? {
    guard let first = advice.rows.first, advice.rows.count > 1 else { return nil }
    let perfect = advice.rows.map { row in
      Plot.Point(
        x: Double(row.globalBatch), y: first.updates.value * Double(first.globalBatch) / Double(row.globalBatch))
    }
    let measured = advice.comparisons.map { Plot.Point(x: Double($0.globalBatch), y: $0.measured) }
    return Figure(
      name: "advised-updates",
      caption:
        "Updates to the goal against the global batch, both axes logarithmic to base 2, told from the run's noise scale; the band "
        + "is what they would be were it \(AdviceWords.factors) of what was measured. Dashed: perfect scaling.",
      panels: [
        Plot(
          "Updates to the goal", x: batchAxis, y: Plot.Axis("Updates", .log2),
          [
            Plot.Series("told", Self.points(advice.rows, \.updates), Look(0).projected),
            Plot.Series("perfect scaling", perfect, .neutral, .line),
            Plot.Series("measured by the sweep", measured, Look(1), .points),
          ]
        ).svg()
      ], isMeasured: false)
  }

  private var times: Figure? {
    let counts = Set(advice.rows.flatMap(\.prices).map(\.ranks)).sorted()
    let all = advice.rows.flatMap(\.prices).map(\.seconds.value)
    guard let most = all.max(), advice.rows.count > 1 else { return nil }
    let unit = Unit.seconds(for: most)
    let series = counts.enumerated().map { index, ranks in
      Plot.Series(
        Format.plural(ranks, "rank"),
        Self.points(advice.rows) { row in
          row.prices.first { $0.ranks == ranks }.map { price in
            AdvisedFigure(
              price.seconds.value * unit.factor, price.seconds.low * unit.factor, price.seconds.high * unit.factor)
          }
        }, Look(index).projected)
    }
    return Figure(
      name: "advised-time",
      caption:
        "Training time to the goal in \(unit.name) against the global batch, both axes logarithmic, a line for each rank count.",
      panels: [
        Plot("Time to the goal", x: batchAxis, y: Plot.Axis("Time (\(unit.name))", .log10), series).svg()
      ], isMeasured: false)
  }
}
