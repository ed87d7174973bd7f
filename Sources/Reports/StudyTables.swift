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
      [
        (.number("Batch"), { Format.integer($0.place.globalBatch) }),
        (.text("Rate"), rate),
        (.number("Epoch (\(unit.name))"), { Format.estimate($0[.epochSeconds], times: unit.factor) }),
        (.number("Samples/s"), { Format.mean($0[.samplesPerSecond]) }),
        (.number("Exchange (%)"), { Format.estimate($0[.communicationShare], times: 100, decimals: 1) }),
        (.number("\(summary.study.cost.currency)/epoch"), { Format.mean($0[.epochCost]) }),
        (.number("CPU-s/epoch"), { Format.mean($0[.epochCPUSeconds]) }),
        (.number("Validation (%)"), quality),
        (.number("Gap (points)"), { Format.estimate($0[.generalizationGap], times: 100, decimals: 2) }),
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
      [
        (.number("Batch"), { Format.integer($0.place.globalBatch) }),
        (.text("Rate"), rate),
        (.number("\(unit.name)/epoch"), { Format.mean($0[.epochSeconds], times: unit.factor) }),
        (.number("Samples/s"), { Format.mean($0[.samplesPerSecond]) }),
        (.number("Exchange"), { Format.mean($0[.communicationShare], times: 100, digits: 2) + " %" }),
        (.number("\(summary.study.cost.currency)/epoch"), { Format.mean($0[.epochCost]) }),
        (.number("CPU-s"), { Format.mean($0[.epochCPUSeconds]) }),
        (.number("Validation (%)"), quality),
        summary.study.target == nil
          ? nil
          : (
            .number("To target"),
            {
              $0[.secondsToTarget].map { Format.number($0.mean * target.factor) + " " + target.name } ?? Format.missing
            }
          ),
        (.text("Seeds"), seeds),
      ])
  }

  private func units(_ ranks: Int) -> (epoch: Unit, target: Unit) {
    let points = points(ranks)
    return (
      Unit.seconds(for: points.compactMap { $0[.epochSeconds]?.mean }.max() ?? 1),
      Unit.seconds(for: points.compactMap { $0[.secondsToTarget]?.mean }.max() ?? 1)
    )
  }

  private func table(_ ranks: Int, _ columns: [(heading: Table.Heading, cell: (StudyPoint) -> String)?]) -> Table {
    let columns = columns.compactMap { $0 }
    return Table(columns.map(\.heading), points(ranks).map { point in columns.map { $0.cell(point) } })
  }

  /// Loss and accuracy beside each other.
  var quality: Table {
    Table(
      [
        .number("Batch"), .text("Rate"), .number("Updates"), .number("Training loss"), .number("Validation loss"),
        .number("Training (%)"), .number("Validation (%)"), .number("Gap (points)"), .text("Training figures"),
      ],
      points(summary.mainRanks ?? 1).map { point in
        [
          Format.integer(point.place.globalBatch), rate(point), Format.count(point[.updates]),
          Format.estimate(point[.trainingLoss], decimals: 4), Format.estimate(point[.validationLoss], decimals: 4),
          Format.estimate(point[.trainingAccuracy], times: 100, decimals: 2),
          Format.estimate(point[.validationAccuracy], times: 100, decimals: 2),
          Format.estimate(point[.generalizationGap], times: 100, decimals: 2),
          point.trainingSource.map { $0 == .finalWeights ? "final weights" : "running mean" } ?? Format.missing,
        ]
      })
  }

  /// Only where a target was stated.
  var target: Table? {
    guard let target = summary.study.target else { return nil }
    return Table(
      [
        .number("Batch"), .text("Rate"), .text("Reached \(Format.percent(target.validationAccuracy))"),
        .number("Updates"), .number("Seconds"), .number(summary.study.cost.currency),
      ],
      points(summary.mainRanks ?? 1).map { point in
        [
          Format.integer(point.place.globalBatch), rate(point), "\(point.reachedTarget ?? 0) of \(point.seeds.count)",
          Format.count(point[.updatesToTarget]), Format.estimate(point[.secondsToTarget]),
          Format.estimate(point[.costToTarget]),
        ]
      })
  }

  /// Where an epoch's time goes.
  var phases: Table {
    let largest = summary.execution.compactMap { $0[.epochSeconds]?.mean }.max() ?? 1
    let unit = Unit.seconds(for: largest)
    return Table(
      [.number("Ranks"), .number("Batch")] + Phase.ofTraining.map { .number("\(Self.name($0)) (\(unit.name))") } + [
        .number("Exchange, hidden too (\(unit.name))"), .number("Sent per rank"), .number("Messages"),
        .number("Peak memory per rank"),
      ],
      summary.execution.map { point in
        [Format.integer(point.ranks), Format.integer(point.globalBatch)]
          + Phase.ofTraining.map { Format.mean(point[Measure($0)], times: unit.factor) } + [
            Format.mean(point[.epochExchangeTotalSeconds], times: unit.factor),
            point[.epochExchangedBytes].map { Format.bytes($0.mean) } ?? Format.missing,
            Format.count(point[.epochExchangedMessages]),
            point[.peakMemoryBytes].map { Format.bytes($0.mean) } ?? Format.missing,
          ]
      })
  }

  var fits: Table {
    Table(
      [
        .number("Ranks"), .text("a (per step)"), .text("b (per sample)"), .number("R²"), .number("1/b (samples/s)"),
        .text("c·B^p, to compare"), .number("R²"),
      ],
      summary.stepTimeFits.map { fit in
        [
          Format.integer(fit.ranks), withError(fit.linear.intercept, fit.linear.interceptError),
          withError(fit.linear.slope, fit.linear.slopeError), Format.fixed(fit.linear.rSquared, 4),
          fit.asymptoticSamplesPerSecond.map { Format.number($0) } ?? Format.missing,
          fit.power.map { "\(Format.seconds($0.factor)) · B^\(Format.fixed($0.exponent, 3))" } ?? Format.missing,
          fit.power.map { Format.fixed($0.rSquared, 4) } ?? Format.missing,
        ]
      })
  }

  /// Empty where only one rank count was run.
  var ranks: Table {
    Table(
      [.number("Batch"), .number("Ranks"), .number("Speed-up"), .number("Efficiency (%)")],
      summary.rankScaling.flatMap { scaling in
        scaling.entries.map { entry in
          [
            Format.integer(scaling.globalBatch), Format.integer(entry.ranks), Format.fixed(entry.speedUp, 2),
            Format.fixed(entry.efficiency * 100, 1),
          ]
        }
      })
  }

  var projection: Table? {
    summary.projection.map { projection in
      Table(
        [
          .number("Batch"), .number("Ranks"), .number("Step, model"), .number("Step, measured"),
          .number("Speed-up, model"),
        ],
        projection.points.map { point in
          [
            Format.integer(point.globalBatch), Format.integer(point.ranks), Format.seconds(point.stepSeconds),
            point.measuredStepSeconds.map(Format.seconds) ?? "not run", Format.fixed(point.speedUp, 2),
          ]
        })
    }
  }

  /// Empty where none diverged.
  var diverged: Table {
    Table(
      [.number("Batch"), .text("Rate"), .number("Ranks"), .number("Seed"), .number("Step"), .text("Reason")],
      summary.points.filter { !$0.isShared || isFirst($0) }.flatMap { point in
        point.diverged.map {
          [
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
    summary.points.filter { $0.place.ranks == ranks && (!$0.isShared || isFirst($0)) }.sorted {
      ($0.place.globalBatch, order($0)) < ($1.place.globalBatch, order($1))
    }
  }

  private func isFirst(_ point: StudyPoint) -> Bool { point.place.scaling == summary.scalings.first }

  private func order(_ point: StudyPoint) -> Int { summary.scalings.firstIndex(of: point.place.scaling) ?? 0 }

  private func rate(_ point: StudyPoint) -> String {
    let isBase = point.place.globalBatch == summary.study.run.learningRate.baseBatch
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
    return Format.estimate(point[.validationAccuracy], times: 100, decimals: 2)
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

  private func withError(_ value: Double, _ error: Double?) -> String {
    let unit = Unit.seconds(for: max(abs(value), error ?? 0))
    let text = Format.number(value * unit.factor)
    return (error.map { "\(text) ± \(Format.number($0 * unit.factor))" } ?? text) + " " + unit.name
  }
}
