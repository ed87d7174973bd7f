import Configuration
import Statistics
import Studies

/// A projection's tables. Every row says what it rests on.
struct ProjectionTables {
  let projection: Projection
  let cost: StudyConfiguration.Cost

  init(_ projection: Projection, cost: StudyConfiguration.Cost) {
    self.projection = projection
    self.cost = cost
  }

  typealias Column = (heading: Table.Heading, cell: (Projection.Point) -> String)

  private func table(_ points: [Projection.Point], _ columns: [Column]) -> Table {
    Table(columns.map(\.heading), points.map { point in columns.map { $0.cell(point) } })
  }

  private var place: [Column] {
    [
      (.number("Batch"), { Format.integer($0.globalBatch) }), (.number("Nodes"), { Format.integer($0.nodes) }),
      (.number("Ranks"), { Format.integer($0.ranks) }),
    ]
  }

  private var times: [Column] {
    [
      (.number("Step"), { Format.seconds($0.stepSeconds) }), (.text("95 % of it"), { Self.range($0.interval) }),
      (.text("Limited by"), { Self.name($0.terms.limiting) }),
      (.number("Exposed (%)"), { Format.fixed($0.exposedShare * 100, 1) }),
      (.number("Hidden (%)"), { $0.hiddenShare.map { Format.fixed($0 * 100, 1) } ?? Format.missing }),
      (.number("Efficiency (%)"), { Format.fixed($0.efficiency * 100, 1) }),
      (.number("Epoch"), { Format.seconds($0.epochSeconds) }),
      (.number("\(moneyName)/epoch"), { money($0.epochNodeHours) }),
    ]
  }

  private var goal: [Column] {
    guard projection.strong.contains(where: { $0.epochsToGoal != nil }) else { return [] }
    return [
      (.number("To goal"), { $0.secondsToGoal.map(Format.seconds) ?? Format.missing }),
      (.number("\(moneyName) to goal"), { $0.nodeHoursToGoal.map(money) ?? Format.missing }),
    ]
  }

  private var basis: Column { (.text("Rests on"), { Self.name($0.basis) }) }

  /// Each global batch on more and more ranks.
  var strong: Table { table(projection.strong, place + times + goal + [basis]) }

  /// The batch of a rank stays, the global batch grows with the ranks.
  var weak: Table { table(projection.weak, place + times + [basis]) }

  /// For a terminal's width: the largest batch.
  var compact: Table {
    let largest = projection.strong.map(\.globalBatch).max()
    return table(
      projection.strong.filter { $0.globalBatch == largest },
      place + [
        (.number("Step"), { Format.seconds($0.stepSeconds) }), (.text("95 % of it"), { Self.range($0.interval) }),
        (.number("Efficiency (%)"), { Format.fixed($0.efficiency * 100, 1) }),
        (.number("Epoch"), { Format.seconds($0.epochSeconds) }),
        (.number("\(moneyName)/epoch"), { money($0.epochNodeHours) }),
        (.text("Limited by"), { Self.name($0.terms.limiting) }), basis,
      ])
  }

  /// Quickest first.
  var front: Table {
    let points = projection.strong.filter(\.isOnFront).sorted { $0.choice.seconds < $1.choice.seconds }
    return table(
      points,
      place + [
        (.number("Epoch"), { Format.seconds($0.epochSeconds) }),
        (.number("\(moneyName)/epoch"), { money($0.epochNodeHours) }),
      ] + goal + [basis])
  }

  /// Seconds of a step's parts.
  var terms: Table {
    let unit = Unit.seconds(for: projection.strong.map(\.stepSeconds).max() ?? 1)
    return table(
      projection.strong,
      place
        + StepTerms.Term.allCases.map { term in
          (.number("\(Self.name(term)) (\(unit.name))"), { Format.number($0.terms[term] * unit.factor) })
        } + [
          (.number("Exchange, hidden too (\(unit.name))"), { Format.number($0.exchangeSeconds * unit.factor) }), basis,
        ])
  }

  /// What half the bytes would bring.
  var narrow: Table {
    table(
      projection.strong.filter { $0.narrowStepSeconds != nil },
      place + [
        (.number("Step"), { Format.seconds($0.stepSeconds) }),
        (.number("With half the bytes"), { $0.narrowStepSeconds.map(Format.seconds) ?? Format.missing }),
        (.number("Saved (%)"), { $0.narrowGain.map { Format.fixed($0 * 100, 1) } ?? Format.missing }), basis,
      ])
  }

  /// The smallest batch that keeps ranks busy.
  var isoefficiency: Table {
    Table(
      [.number("Nodes"), .number("Ranks"), .number("Smallest batch"), .number("Samples a rank"), .text("Rests on")],
      projection.isoefficiency.map { entry in
        [
          Format.integer(entry.nodes), Format.integer(entry.ranks),
          entry.globalBatch.map(Format.integer) ?? "none",
          entry.globalBatch.map { Format.number(Double($0) / Double(entry.ranks)) } ?? Format.missing,
          entry.basis.map(Self.name) ?? Format.missing,
        ]
      })
  }

  /// Every place that was run.
  var comparisons: Table { comparisons { _ in true } }

  /// Those that the model was not fitted to; empty where it was fitted to all.
  var heldOut: Table { comparisons { !$0.isFitted } }

  private func comparisons(_ isShown: (Projection.Comparison) -> Bool) -> Table {
    Table(
      [
        .number("Batch"), .number("Nodes"), .number("Ranks"), .number("Step, model"), .text("95 % of it"),
        .number("Step, measured"), .number("Miss (%)"), .text("Fitted"),
      ],
      projection.comparisons.filter(isShown).map { row in
        [
          Format.integer(row.globalBatch), Format.integer(row.nodes), Format.integer(row.ranks),
          Format.seconds(row.predicted), Self.range(row.interval), Format.seconds(row.measured),
          Format.fixed(row.error * 100, 1), row.isFitted ? "yes" : "no",
        ]
      })
  }

  // Cells.

  /// Money, or node-hours where nothing has a price.
  var moneyName: String { cost.pricePerNodeHour > 0 ? cost.currency : "node-h" }

  func money(_ nodeHours: Double) -> String {
    Format.number(cost.pricePerNodeHour > 0 ? nodeHours * cost.pricePerNodeHour : nodeHours)
  }

  static func range(_ interval: Interval?) -> String {
    guard let interval else { return "not known" }
    let unit = Unit.seconds(for: interval.upper)
    return
      "\(Format.number(interval.lower * unit.factor)) – \(Format.number(interval.upper * unit.factor)) \(unit.name)"
  }

  static func name(_ basis: Projection.Basis) -> String {
    switch basis {
    case .measured: "fitted"
    case .interpolated: "interpolation"
    case .extrapolated: "extrapolation"
    }
  }

  static func name(_ term: StepTerms.Term) -> String {
    switch term {
    case .overhead: "Step overhead"
    case .compute: "Compute"
    case .latency: "Latency"
    case .bandwidth: "Bandwidth"
    case .waiting: "Waiting"
    }
  }
}

extension ProjectionTables {
  private var words: ProjectionWords { ProjectionWords(projection, cost: cost) }

  /// In a study's report.
  var sectionsOfStudy: [ReportSection] {
    [
      ReportSection("Projection to more ranks", words.model.joined(separator: " "), strong),
      ReportSection("Projected beside measured", words.comparison, comparisons),
      ReportSection("Would half the bytes pay?", words.narrow, narrow),
    ].filter { !$0.table.rows.isEmpty }
  }

  /// In a report of its own.
  var sections: [ReportSection] {
    [
      ReportSection("Time against money", words.front, front),
      ReportSection("Predicted beside measured", words.comparison, comparisons),
      ReportSection(
        "What a step is made of",
        "Exchange is what the backward pass does not hide, by messages and by bytes; waiting is for the last rank.",
        terms),
      ReportSection("Would half the bytes pay?", words.narrow, narrow),
      ReportSection(
        "The batch of a rank stays",
        "Weak scaling: the global batch grows with the ranks, up to one step an epoch. Efficiency is against one rank with the "
          + "same batch a rank; how many epochs such batches need is not known.", weak),
      ReportSection(
        "The smallest batch that keeps ranks busy",
        "With which a rank does at least \(Format.percent(Projection.busy, 0)) of what one rank alone does with the same "
          + "batch.", isoefficiency),
    ]
  }
}
