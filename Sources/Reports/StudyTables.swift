import Configuration
import Measurement
import Studies

/// A study's tables. Each says its units in its headings, and every number is one of the summary's.
struct StudyTables {
  let summary: StudySummary

  /// Global batch and rule against what it costs and what it brings, at the largest rank count.
  var main: Table { main(ranks: summary.mainRanks ?? 1) }

  func main(ranks: Int) -> Table {
    let (unit, target) = units(ranks)
    return table(
      ranks,
      nameColumns + [
        (.number("Batch"), { Format.integer($0.place.globalBatch) }),
        (.text("Rate"), rate),
        (
          .number("Epoch (\(unit.name))"),
          { Format.estimate($0[.epochSeconds], times: unit.factor) + ($0.isDisturbed ? ", disturbed" : "") }
        ),
        (.number("Samples/s"), { Format.mean($0[.samplesPerSecond]) }),
        column(.communicationShare),
        (.number("\(summary.study.cost.currency)/epoch"), { Format.mean($0[.epochCost]) }),
        (.number("CPU-s/epoch"), { Format.mean($0[.epochCPUSeconds]) }),
        energy(ranks),
      ]
        + qualityColumns + [
          summary.study.target == nil ? nil : (.text("To target (\(target.name))"), { toTarget($0, target) }),
          (.text("Seeds"), seeds),
        ])
  }

  /// The same, for a terminal's width.
  var compact: Table {
    let ranks = summary.mainRanks ?? 1
    let (unit, target) = units(ranks)
    return table(
      ranks,
      nameColumns + [
        (.number("Batch"), { Format.integer($0.place.globalBatch) }),
        (.text("Rate"), rate),
        (
          .number("\(unit.name)/epoch"),
          { Format.mean($0[.epochSeconds], times: unit.factor) + ($0.isDisturbed ? " (!)" : "") }
        ),
        (.number("Samples/s"), { Format.mean($0[.samplesPerSecond]) }),
        (.number("Exchange"), { Format.mean($0[.communicationShare], times: 100, digits: 2) + " %" }),
        (.number("\(summary.study.cost.currency)/epoch"), { Format.mean($0[.epochCost]) }),
        (.number("CPU-s"), { Format.mean($0[.epochCPUSeconds]) }),
        (.number(summary.hasAreaUnderCurve ? "AUC" : "\(summary.heldOutHeading) (%)"), quality),
        summary.study.target == nil
          ? nil
          : (
            .number("To target"),
            {
              $0[.secondsToTarget].map { Format.number($0.value * target.factor) + " " + target.name } ?? Format.missing
            }
          ),
        (.text("Seeds"), seeds),
      ])
  }

  private func units(_ ranks: Int) -> (epoch: Unit, target: Unit) {
    let points = points(ranks)
    return (
      Unit.seconds(for: points.compactMap { $0[.epochSeconds]?.value }.max() ?? 1),
      Unit.seconds(for: points.compactMap { $0[.secondsToTarget]?.value }.max() ?? 1)
    )
  }

  private typealias PointColumn = (heading: Table.Heading, cell: (StudyPoint) -> String)

  /// Columns that tell curves apart besides the rule for the rate.
  private var nameColumns: [PointColumn?] {
    zip(nameHeadings, nameAxes).map { heading, axis in (heading, { $0.place.values[axis]?.text ?? Format.missing }) }
  }

  /// nil where no machine told.
  private func energy(_ ranks: Int) -> PointColumn? {
    points(ranks).contains { $0[.epochJoules] != nil }
      ? (.number(Measure.epochJoules.facts.heading), { Format.mean($0[.epochJoules]) }) : nil
  }

  private var qualityColumns: [PointColumn?] {
    summary.hasAreaUnderCurve
      ? [
        (.number("AUC"), quality), (.number("Log loss"), column(.validationLoss).cell),
      ]
      : [
        (.number("\(summary.heldOutHeading) (%)"), quality),
        column(.generalizationGap),
      ]
  }

  /// Mean and standard deviation of a measure, as its facts say.
  private func column(_ measure: Measure) -> PointColumn {
    let facts = measure.facts
    return (
      .number(summary.words(facts.heading)),
      { Format.estimate($0[measure], times: facts.factor, decimals: facts.decimals) }
    )
  }

  private func table(_ ranks: Int, _ columns: [PointColumn?]) -> Table {
    let columns = columns.compactMap { $0 }
    return Table(columns.map(\.heading), points(ranks).map { point in columns.map { $0.cell(point) } })
  }

  /// Loss and accuracy beside each other; of models with one score, what else is known of it.
  var quality: Table {
    let scores = [Measure.validationAUC, .validationNormalizedEntropy, .validationCalibration, .testLoss, .testAUC]
    let accuracies = [
      Measure.trainingAccuracy, .validationAccuracy, .generalizationGap, .testLoss, .testAccuracy, .probeAccuracy,
      .probeTestAccuracy,
    ]
    let known = (summary.hasAreaUnderCurve ? scores : accuracies).filter { measure in
      summary.points.contains { $0[measure] != nil }
    }
    return table(
      summary.mainRanks ?? 1,
      nameColumns + [
        (.number("Batch"), { Format.integer($0.place.globalBatch) }), (.text("Rate"), rate),
        (.number("Updates"), { Format.count($0[.updates]) }),
        column(.trainingLoss),
        column(.validationLoss),
      ] + known.map(column) + [
        (
          .text("Training figures"),
          { $0.trainingSource.map { $0 == .finalWeights ? "final weights" : "running mean" } ?? Format.missing }
        )
      ])
  }

  /// How settings differ from the best, by the quality that is judged; empty where there is nothing to compare.
  var differences: Table {
    let facts = summary.judgedBy.measure.facts
    let decimals = facts.decimals ?? 4
    func text(_ value: Double) -> String { Format.signed(value * facts.factor, decimals) }
    let found = summary.recommendation?.differences ?? []
    return Table(
      nameHeadings + [
        .number("Batch"), .text("Rate"), .number("Seeds"), .text(summary.words(facts.heading)), .text("Verdict"),
      ],
      found.compactMap { difference in
        guard let point = summary.points.first(where: { $0.place == difference.place }) else { return nil }
        let mean = difference.difference.map(text) ?? Format.missing
        let interval = difference.interval.map { " (\(text($0.lower)) to \(text($0.upper)))" } ?? ""
        return nameCells(point.place) + [
          Format.integer(point.place.globalBatch), rate(point), Format.integer(difference.seeds), mean + interval,
          difference.verdict.rawValue,
        ]
      })
  }

  /// The cost of exchanging row-sparse gradients; empty where there are none.
  var traffic: Table {
    Table(
      nameHeadings + [
        .number("Ranks"), .number("Batch"), .number("Sent per sample and rank (B)"), .number("of it for tables (B)"),
        .number("Distinct rows per sample"), .number("Exposed exchange (%)"),
      ],
      summary.execution.filter { $0[.touchedRowsPerSample] != nil }.map { point in
        nameCells(point) + [
          Format.integer(point.ranks), Format.integer(point.globalBatch), Format.mean(point[.exchangedBytesPerSample]),
          Format.mean(point[.tableBytesPerSample]), Format.mean(point[.touchedRowsPerSample]),
          Format.mean(point[.communicationShare], times: 100),
        ]
      })
  }

  /// Bytes of the model with and without what the optimisers remember, and of the process.
  var sizes: Table {
    let points = summary.points.filter { !$0.isShared && $0[.modelBytes] != nil }
    var seen: Set<String> = []
    return Table(
      [
        .text("Variant"), .number("Weights"), .number("With optimiser state"), .number("Saved without it (%)"),
        .number("Peak memory per rank"), .number("Opening the data (s)"), .number("End to end (s)"),
      ],
      points.compactMap { point in
        guard let model = point[.modelBytes]?.value, let whole = point[.modelAndOptimizerBytes]?.value, whole > 0 else {
          return nil
        }
        let row = [
          point.place.variant ?? "all", Format.bytes(model), Format.bytes(whole),
          Format.fixed(100 * (1 - model / whole), 1),
        ]
        guard seen.insert(row.joined()).inserted else { return nil }
        return row + [
          point[.peakMemoryBytes].map { Format.bytes($0.value) } ?? Format.missing, Format.mean(point[.openSeconds]),
          Format.mean(point[.endToEndSeconds]),
        ]
      })
  }

  /// The stages of each place's schedule; empty where no run has one.
  var batchSchedules: Table {
    func range(_ first: Double?, _ last: Double?) -> String {
      guard let first, let last else { return Format.missing }
      let ends = [first, last].map { Format.number($0, digits: 4) }
      return ends[0] == ends[1] ? ends[0] : ends.joined(separator: " – ")
    }
    return Table(
      nameHeadings + [
        .number("Batch"), .text("Rate"), .text("Epochs"), .number("Global batch"), .number("Rate of a step"),
        .number("Updates"), .number("Noise scale g"),
      ],
      points(summary.mainRanks ?? 1).flatMap { point in
        (point.stages ?? []).map { stage in
          nameCells(point.place) + [
            Format.integer(point.place.globalBatch), rate(point),
            stage.firstEpoch == stage.lastEpoch
              ? Format.integer(stage.firstEpoch)
              : "\(Format.integer(stage.firstEpoch))–\(Format.integer(stage.lastEpoch))",
            Format.integer(stage.globalBatch),
            range(stage.firstRate, stage.lastRate), Format.integer(stage.updates),
            range(stage.firstNoise, stage.lastNoise),
          ]
        }
      })
  }

  /// Only where a target was stated.
  var target: Table? {
    guard let target = summary.study.target else { return nil }
    return table(
      summary.mainRanks ?? 1,
      nameColumns + [
        (.number("Batch"), { Format.integer($0.place.globalBatch) }), (.text("Rate"), rate),
        (
          .text("Reached \(target.quality.text(target.value))"),
          { "\($0.reachedTarget ?? 0) of \($0.seeds.count)" }
        ),
        (.number("Updates"), { Format.count($0[.updatesToTarget]) }),
        (.number("Seconds"), { Format.estimate($0[.secondsToTarget]) }),
        (.number(summary.study.cost.currency), { Format.estimate($0[.costToTarget]) }),
      ])
  }

  /// Where an epoch's time goes.
  var phases: Table {
    let largest = summary.execution.compactMap { $0[.epochSeconds]?.value }.max() ?? 1
    let unit = Unit.seconds(for: largest)
    return Table(
      nameHeadings + [.number("Ranks"), .number("Batch")]
        + Phase.ofTraining.map { .number("\(Self.name($0)) (\(unit.name))") } + [
          .number("Exchange, hidden too (\(unit.name))"), .number("Sent per rank"), .number("Messages"),
          .number("Peak memory per rank"),
        ],
      summary.execution.map { point in
        nameCells(point) + [Format.integer(point.ranks), Format.integer(point.globalBatch)]
          + Phase.ofTraining.map { Format.mean(point[Measure($0)], times: unit.factor) } + [
            Format.mean(point[.epochExchangeTotalSeconds], times: unit.factor),
            point[.epochExchangedBytes].map { Format.bytes($0.value) } ?? Format.missing,
            Format.count(point[.epochExchangedMessages]),
            point[.peakMemoryBytes].map { Format.bytes($0.value) } ?? Format.missing,
          ]
      })
  }

  var fits: Table {
    Table(
      nameHeadings + [
        .number("Ranks"), .text("a (per step)"), .text("b (per sample)"), .number("R²"), .number("1/b (samples/s)"),
        .text("c·B^p, to compare"), .number("R²"),
      ],
      summary.stepTimeFits.map { fit in
        nameCells(fit) + [
          Format.integer(fit.ranks), Self.withError(fit.linear.intercept, fit.linear.interceptError),
          Self.withError(fit.linear.slope, fit.linear.slopeError), Format.fixed(fit.linear.rSquared, 4),
          fit.asymptoticSamplesPerSecond.map { Format.number($0) } ?? Format.missing,
          fit.power.map { "\(Format.seconds($0.factor)) · B^\(Format.fixed($0.exponent, 3))" } ?? Format.missing,
          fit.power.map { Format.fixed($0.rSquared, 4) } ?? Format.missing,
        ]
      })
  }

  /// Empty where only one rank count was run.
  var ranks: Table {
    Table(
      nameHeadings + [
        .number("Batch"), .number("Ranks"), .text("Base"), .number("Speed-up"), .number("Efficiency (%)"),
        .number("Serial fraction (Karp–Flatt)"),
      ],
      summary.rankScaling.flatMap { scaling in
        let base = "\(Format.seconds(scaling.referenceSeconds)) on \(Format.integer(scaling.referenceRanks))"
        return scaling.entries.map { entry in
          nameCells(scaling) + [
            Format.integer(scaling.globalBatch), Format.integer(entry.ranks), base, Format.fixed(entry.speedUp, 2),
            Format.fixed(entry.efficiency * 100, 1),
            entry.serialFraction.map { Format.fixed($0, 3) } ?? Format.missing,
          ]
        }
      })
  }

  /// Empty where no batch ran on six rank counts.
  var scalability: Table {
    Table(
      nameHeadings + [
        .number("Batch"), .number("Contention σ"), .number("Coherency κ"), .text("Most ranks of use"),
        .number("Largest miss (%)"),
      ],
      summary.rankScaling.compactMap { scaling in
        guard let law = scaling.law else { return nil }
        let peak = law.peak.map { Format.number($0 * Double(scaling.referenceRanks)) }
        return nameCells(scaling) + [
          Format.integer(scaling.globalBatch), Format.number(law.contention), Format.number(law.coherency),
          peak ?? "no end to it", Format.fixed(100 * law.largestMiss, 1),
        ]
      })
  }

  /// Empty where no batch a rank ran on two rank counts.
  var weakScaling: Table {
    Table(
      nameHeadings + [
        .number("Batch of a rank"), .number("Ranks"), .number("Global batch"), .number("Samples/s"),
        .number("Samples/s and rank"), .number("Efficiency (%)"),
      ],
      summary.weakScaling.flatMap { scaling in
        scaling.entries.map { entry in
          nameCells(scaling) + [
            Format.integer(scaling.localBatch), Format.integer(entry.ranks), Format.integer(entry.globalBatch),
            Format.number(entry.samplesPerSecond), Format.number(entry.samplesPerSecond / Double(entry.ranks)),
            Format.fixed(entry.efficiency * 100, 1),
          ]
        }
      })
  }

  /// Where ranks' time went; empty where all ran on one rank, or before that was noted.
  var efficiency: Table {
    let points = summary.execution.filter { $0.ranks > 1 && $0.efficiency != nil }
    return Table(
      nameHeadings + [
        .number("Batch"), .number("Ranks"), .number("Parallel efficiency (%)"), .number("Load balance (%)"),
        .number("Serialisation (%)"), .number("Transfer (%)"), .text("Waited for"),
      ],
      points.map { point in
        let efficiency = point.efficiency!
        let shares = [efficiency.parallel, efficiency.loadBalance, efficiency.serialisation, efficiency.transfer]
        return nameCells(point) + [Format.integer(point.globalBatch), Format.integer(point.ranks)]
          + shares.map { Format.fixed($0 * 100, 1) }
          + [
            point.slowestRank.map { "rank \($0.rank) on \($0.host), in \($0.trials) of \($0.of) trials" }
              ?? "no one rank"
          ]
      })
  }

  /// How well times are known, for each work that was timed.
  var timings: Table {
    let unit = Unit.seconds(for: summary.execution.compactMap { $0[.epochSeconds]?.value }.max() ?? 1)
    return Table(
      nameHeadings + [
        .number("Batch"), .number("Ranks"), .text("Median epoch (\(unit.name))"), .number("Epochs"),
        .number("Left out"),
        .text("Median step"), .text("Slowest step in 100"), .number("Taken by others (%)"), .text("Verdict"),
      ],
      summary.execution.filter { $0.timing.epochs > 0 }.map { point in
        let timing = point.timing
        return nameCells(point) + [
          Format.integer(point.globalBatch), Format.integer(point.ranks),
          Format.estimate(point[.epochSeconds], times: unit.factor), Format.integer(timing.epochs),
          Format.integer(timing.disturbed), point[.stepSeconds].map { Format.seconds($0.value) } ?? Format.missing,
          timing.stepTail.map { Format.seconds($0) } ?? Format.missing,
          timing.lostShare.map { Format.fixed($0 * 100, 1) } ?? "not known", verdict(timing),
        ]
      })
  }

  private func verdict(_ timing: ExecutionPoint.Timing) -> String {
    if timing.isDisturbed { return "disturbed" }
    guard let share = timing.intervalShare else { return "too few for an interval" }
    let known = "known to \(Format.percent(share))"
    guard let wanted = summary.study.measuring.interval, share > wanted else { return known }
    return "\(known), \(Format.percent(wanted)) not reached"
  }

  /// Empty where none diverged.
  var diverged: Table {
    Table(
      nameHeadings + [
        .number("Batch"), .text("Rate"), .number("Ranks"), .number("Seed"), .number("Step"), .text("Reason"),
      ],
      summary.points.filter { !$0.isShared }.flatMap { point in
        point.diverged.map {
          nameCells(point.place) + [
            Format.integer(point.place.globalBatch), rate(point), Format.integer(point.place.ranks), "\($0.seed)",
            Format.integer($0.step), "\($0.reason) (rank \($0.rank))",
          ]
        }
      })
  }

  static func name(_ phase: Phase) -> String {
    switch phase {
    case .load: "Load"
    case .forward: "Forward"
    case .backward: "Backward"
    case .exchangeWait: "Wait"
    case .exchangeWire: "Wire"
    case .update: "Update"
    case .evaluate: "Evaluate"
    case .checkpoint: "Checkpoint"
    case .other: "Other"
    }
  }

  /// Each trial once: the base batch belongs to every curve, but to one row.
  private func points(_ ranks: Int) -> [StudyPoint] {
    summary.points.filter { $0.place.ranks == ranks && !$0.isShared }.sorted {
      rowOrder($0).lexicographicallyPrecedes(rowOrder($1))
    }
  }

  private func rowOrder(_ point: StudyPoint) -> [AxisValue] {
    [.whole(variantOrder(point))] + summary.furtherAxes.map { point.place.values[$0] ?? .number(-.infinity) }
      + [.whole(point.place.globalBatch), .whole(order(point))]
  }

  private func variantOrder(_ point: StudyPoint) -> Int { summary.variants.firstIndex(of: point.place.variant) ?? 0 }

  private var nameAxes: [Axis] { (summary.hasVariants ? [.variant] : []) + summary.furtherAxes }

  private var nameHeadings: [Table.Heading] {
    nameAxes.map { axis in
      let isText = summary.points.contains { if case .word? = $0.place.values[axis] { true } else { false } }
      return isText ? .text(axis.title) : .number(axis.title)
    }
  }

  private func nameCells(_ place: some OnAxes) -> [String] {
    nameAxes.map { place.values[$0]?.text ?? Format.missing }
  }

  private func order(_ point: StudyPoint) -> Int { summary.scalings.firstIndex(of: point.place.scaling) ?? 0 }

  private func rate(_ point: StudyPoint) -> String {
    let isBase = summary.study.isBase(point.place.values)
    let rule =
      switch point.place.scaling {
      case _ where isBase: "base"
      case .none: "fixed"
      case .linear: "linear"
      case .squareRoot: "sqrt"
      }
    return "\(rule) \(Format.number(point.learningRate))"
  }

  private func quality(_ point: StudyPoint) -> String {
    if point.seeds.isEmpty && !point.diverged.isEmpty { return "diverged" }
    return column(summary.hasAreaUnderCurve ? .validationAUC : .validationAccuracy).cell(point)
  }

  private func toTarget(_ point: StudyPoint, _ unit: Unit) -> String {
    guard let seconds = point[.secondsToTarget] else { return point.seeds.isEmpty ? Format.missing : "not reached" }
    let some = seconds.count < point.seeds.count ? " (\(seconds.count) of \(point.seeds.count))" : ""
    return Format.estimate(seconds, times: unit.factor) + some
  }

  private func seeds(_ point: StudyPoint) -> String {
    var parts = [Format.integer(point.seeds.count)]
    if !point.diverged.isEmpty { parts.append("\(point.diverged.count) diverged") }
    if !point.missingSeeds.isEmpty { parts.append("\(point.missingSeeds.count) not run") }
    return parts.joined(separator: ", ")
  }

  static func withError(_ value: Double, _ error: Double?) -> String {
    let unit = Unit.seconds(for: max(abs(value), error ?? 0))
    let text = Format.number(value * unit.factor)
    return (error.map { "\(text) ± \(Format.number($0 * unit.factor))" } ?? text) + " " + unit.name
  }
}
