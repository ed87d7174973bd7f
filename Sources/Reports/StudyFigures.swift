import Configuration
import Foundation
import Measurement
import Statistics
import Studies

/// A study's pictures.
struct StudyFigures {
  let summary: StudySummary

  /// In the order of the page; what has no data is left out.
  var all: [Figure] {
    let goals = GoalReport(summary: summary).figures
    let search = [SearchReport(summary: summary).figure].compactMap { $0 }
    // One batch alone is told by tables and bars better than by a point on an axis.
    if summary.hasOneBatchACurve {
      return ofTraining + [shares].compactMap { $0 } + search
    }
    let others = [
      toTarget, epochTime, throughput, cost, shares, bytesPerSample, rowsPerSample, stepTime, speedUp, weakScaling,
      summary.projection.flatMap { ProjectionFigures($0, cost: summary.study.cost).stepTime },
    ]
    return [quality].compactMap { $0 } + ofTraining + others.compactMap { $0 } + goals + search
  }

  /// How trainings went and where they ended.
  private var ofTraining: [Figure] {
    [qualityCurves, lossCurves, batchSchedules, noiseCurves, distances, interpolations].compactMap { $0 }
  }

  private var qualityCurves: Figure? {
    if summary.hasAreaUnderCurve {
      return curves("validation-auc-curves", "\(summary.heldOutHeading) AUC", "", 1, better: "higher") {
        $0.validationAUC
      }
    }
    return curves("validation-accuracy-curves", "\(summary.heldOutHeading) accuracy", "%", 100, better: nil) {
      $0.validationAccuracy
    }
  }

  private var lossCurves: Figure? {
    curves("training-loss-curves", "Training loss", "nats", 1, better: "lower") { $0.trainingLoss }
  }

  /// Nil where noise was not measured.
  private var noiseCurves: Figure? {
    curves("gradient-noise", "Gradient noise scale", "samples", 1, better: nil) { $0.gradientNoise }
  }

  /// Quality of the final weights against the global batch, a line for each curve.
  private var quality: Figure? { summary.hasAreaUnderCurve ? scores : (representations ?? accuracy) }

  /// Nil where no run contrasted its samples.
  private var representations: Figure? {
    guard let probe = panel(.probeAccuracy), let neighbours = panel(.neighbourAccuracy) else { return nil }
    return figure(
      "quality",
      "Quality of the final representations against the global batch: how often a linear probe and how often the nearest "
        + "neighbours tell a \(summary.heldOut) sample's class, in percent. Higher is better. \(overSeeds) Diverged trials are "
        + "left out.", [probe, neighbours])
  }

  private var accuracy: Figure? {
    let panels = [
      panel(.validationAccuracy), panel(.generalizationGap),
    ].compactMap { $0 }
    guard !panels.isEmpty else { return nil }
    return figure(
      "quality",
      "Quality of the final weights against the global batch: \(summary.heldOut) accuracy in percent, and how far training "
        + "accuracy lies above it in percentage points. Higher accuracy is better. \(overSeeds) Diverged trials are left "
        + "out.",
      panels)
  }

  /// A figure for models with one score.
  private var scores: Figure? {
    let panels = [
      panel(.validationAUC), panel(.validationLoss),
    ].compactMap { $0 }
    return figure(
      "quality",
      "Quality of the final weights against the global batch: area under the curve (higher is better) and log loss in nats "
        + "(lower is better), both on the \(summary.heldOut) set. \(overSeeds) Diverged trials are left out.", panels)
  }

  /// As the measure's facts say.
  private func panel(_ measure: Measure) -> String? {
    let facts = measure.facts
    let series = byCurve(measure, times: facts.factor)
    guard !series.isEmpty else { return nil }
    let y = Plot.Axis(summary.words(facts.axis), startsAtZero: measure == .generalizationGap)
    return Plot(summary.words(facts.title), x: batchAxis, y: y, series).svg()
  }

  /// Learning curves, a panel for each rule and a line for each global batch.
  private func curves(
    _ name: String, _ what: String, _ unit: String, _ factor: Double, better: String?,
    _ value: (StudyPoint.CurvePoint) -> Estimate?
  ) -> Figure? {
    let ranks = summary.mainRanks ?? 1
    if summary.hasOneBatchACurve { return variantCurves(name, what, unit, factor, value) }
    let panels = summary.curves.map { line in
      (
        line,
        summary.points(on: line, ranks: ranks).compactMap { curve($0, factor, value) }
      )
    }
    let values = panels.flatMap { $0.1.flatMap { $0.points.map(\.y) } }.filter { AxisScale.shows($0, on: .linear) }
    guard let least = values.min(), let most = values.max(),
      panels.contains(where: { $0.1.contains { $0.points.count > 1 } })
    else { return nil }
    let epochs = Set(panels.flatMap { $0.1.flatMap { $0.points.map(\.x) } }).sorted()
    let isWide = factor == 1 && least > 0 && most / least > 8
    let label = unit.isEmpty ? what : "\(what) (\(unit))"
    let y = Plot.Axis(label, isWide ? .log10 : .linear, domain: least...most)
    let kind = summary.hasVariants ? "variant" : summary.hasNames ? "setting" : "learning-rate rule"
    return figure(
      name,
      "\(what)\(unit.isEmpty ? "" : " in \(unit)") after each epoch, a line for each global batch, one panel for each \(kind), "
        + "all on the same scale. \(meanOverSeeds)"
        + (better.map { ($0 == "lower" ? " Running means over the epoch; " : " ") + "\($0) is better." } ?? ""),
      panels.filter { !$0.1.isEmpty }.map { line, series in
        let name = line.names.isEmpty ? Self.title(line.scaling).lowercased() : summary.name(of: line)
        return Plot("\(what): \(name)", x: Plot.Axis("Epoch", ticks: epochs), y: y, series).svg()
      })
  }

  /// Curves at one batch: a line for each variant.
  private func variantCurves(
    _ name: String, _ what: String, _ unit: String, _ factor: Double,
    _ value: (StudyPoint.CurvePoint) -> Estimate?
  ) -> Figure? {
    let series = summary.curves.enumerated().compactMap { index, line -> Plot.Series? in
      let places = summary.points(on: line, ranks: summary.mainRanks ?? 1)
      guard var series = places.first.flatMap({ curve($0, factor, value) }) else { return nil }
      (series.name, series.look) = (summary.name(of: line), Look(index))
      return series
    }
    guard series.contains(where: { $0.points.count > 1 }) else { return nil }
    let epochs = Set(series.flatMap { $0.points.map(\.x) }).sorted()
    let label = unit.isEmpty ? what : "\(what) (\(unit))"
    return figure(
      name, "\(label) after each epoch, a line for each variant. \(meanOverSeeds)",
      [Plot(what, x: Plot.Axis("Epoch", ticks: epochs), y: Plot.Axis(label), series).svg()])
  }

  private func curve(
    _ point: StudyPoint, _ factor: Double, _ value: (StudyPoint.CurvePoint) -> Estimate?
  ) -> Plot.Series? {
    let points = point.curve.compactMap { epoch in
      value(epoch).map { Plot.Point(x: Double(epoch.epoch), y: $0.value * factor) }
    }
    guard !points.isEmpty else { return nil }
    let look = Look(globalBatches.firstIndex(of: point.place.globalBatch) ?? 0)
    return Plot.Series("B = \(Format.integer(point.place.globalBatch))", points, look)
  }

  private var toTarget: Figure? {
    guard let target = summary.study.target else { return nil }
    let unit = Unit.seconds(for: summary.points.compactMap { $0[.secondsToTarget]?.value }.max() ?? 1)
    let series = byCurve(.secondsToTarget, times: unit.factor)
    guard !series.isEmpty else { return nil }
    let goal = target.quality.text(target.value)
    return figure(
      "time-to-target",
      "Training time in \(unit.name) until \(target.quality.name(in: summary)) first reached \(goal), against the global batch; a setting "
        + "whose seeds all missed it has no point. Lower is better. \(overSeeds)",
      [
        Plot(
          "Time to \(goal) \(target.quality.name(in: summary))", x: batchAxis,
          y: Plot.Axis("Training time (\(unit.name))", startsAtZero: true),
          series
        ).svg()
      ])
  }

  private var epochTime: Figure? {
    let unit = Unit.seconds(for: summary.execution.compactMap { $0[.epochSeconds]?.value }.max() ?? 1)
    return execution(
      "time-per-epoch", "Time per epoch", "Time per epoch (\(unit.name))", .epochSeconds, unit.factor,
      "Training time per epoch in \(unit.name), of the slowest rank and without evaluation, against the global batch. Lower "
        + "is better.")
  }

  /// Bytes that the exchange moves, spread over the samples; only where gradients are row-sparse, or it says nothing new.
  private var bytesPerSample: Figure? {
    guard summary.execution.contains(where: { ($0[.tableBytesPerSample]?.value ?? 0) > 0 }) else { return nil }
    return execution(
      "bytes-per-sample", "Bytes per sample", "Bytes sent per sample and rank", .exchangedBytesPerSample, 1,
      "Bytes that a rank hands to the exchange, dense and row-sparse, divided by the samples, against the global batch."
    )
  }

  private var rowsPerSample: Figure? {
    execution(
      "rows-per-sample", "Touched rows per sample", "Distinct rows per sample", .touchedRowsPerSample, 1,
      "Distinct table rows that a global batch touches, divided by its samples: they fall as ids repeat.")
  }

  private var throughput: Figure? {
    execution(
      "throughput", "Throughput", "Thousand samples per second", .samplesPerSecond, 1e-3,
      "Training samples a second, in thousands, over all ranks, against the global batch. Higher is better.")
  }

  private var cost: Figure? {
    let cost = summary.study.cost
    guard cost.pricePerNodeHour > 0 else {
      let unit = Unit.seconds(for: summary.execution.compactMap { $0[.epochCPUSeconds]?.value }.max() ?? 1)
      return execution(
        "cost-per-epoch", "CPU time per epoch", "CPU time per epoch (\(unit.name))", .epochCPUSeconds, unit.factor,
        "CPU time of all ranks per epoch in \(unit.name), evaluation included, against the global batch; the study states "
          + "no price. Lower is better.")
    }
    let isSmall = (summary.execution.compactMap { $0[.epochCost]?.value }.max() ?? 1) < 0.1
    let label = isSmall ? "\(cost.currency) per 1,000 epochs" : "\(cost.currency) per epoch"
    return execution(
      "cost-per-epoch", "Cost per epoch", label, .epochCost, isSmall ? 1000 : 1,
      "Money in \(label), at \(Format.money(cost.pricePerNodeHour, cost.currency)) per node-hour and "
        + "\(Format.plural(cost.ranksPerNode, "rank")) per node, whole nodes counted, against the global batch. Lower is "
        + "better.")
  }

  /// A line for each rank count.
  private func execution(
    _ name: String, _ title: String, _ label: String, _ measure: Measure, _ factor: Double, _ caption: String
  ) -> Figure? {
    let series = executions.enumerated().compactMap { index, line -> Plot.Series? in
      let points = line.compactMap { point in
        point[measure].map { Plot.Point(globalBatch: point.globalBatch, $0, times: factor) }
      }
      return points.isEmpty ? nil : Plot.Series(summary.name(ofExecution: line[0]), points, Look(index))
    }
    guard !series.isEmpty else { return nil }
    return figure(
      name, caption + " " + overTrials,
      [Plot(title, x: batchAxis, y: Plot.Axis(label, startsAtZero: true), series).svg()])
  }

  /// The parts of an epoch's time, a panel for each rank count; of one batch alone, a bar for each variant.
  private var shares: Figure? {
    if summary.hasOneBatchACurve { return secondsByVariant }
    let panels = executions.map { line in
      let points = line.filter { $0[.epochSeconds] != nil }
      return StackedBars(
        "Where the time goes, \(summary.name(ofExecution: line[0]))",
        xLabel: "Global batch (samples)", yLabel: "Share of training time (%)",
        categories: points.map { Format.integer($0.globalBatch) },
        Phase.ofTraining.map { phase in
          StackedBars.Layer(StudyTables.name(phase), Self.color(phase), points.map { Self.share(phase, of: $0) })
        }
      ).svg()
    }
    guard !panels.isEmpty else { return nil }
    return figure(
      "communication-share",
      "What a rank's training time is made of, in percent, by global batch. Wait (another rank has not arrived) and wire "
        + "(bytes move and are summed) are the exposed communication. \(overTrials)",
      panels)
  }

  private var secondsByVariant: Figure? {
    let points = summary.execution.filter { $0[.epochSeconds] != nil }
    guard !points.isEmpty else { return nil }
    let unit = Unit.seconds(for: points.compactMap { $0[.epochSeconds]?.value }.max() ?? 1)
    return figure(
      "time-by-variant",
      "What an epoch's training time is made of, in \(unit.name), a bar for each variant. Load is waiting for input. "
        + overTrials,
      [
        StackedBars(
          "Where the time goes", xLabel: "Variant", yLabel: "Time per epoch (\(unit.name))",
          categories: points.map { summary.name(ofExecution: $0) },
          Phase.ofTraining.map { phase in
            StackedBars.Layer(
              StudyTables.name(phase), Self.color(phase),
              points.map { ($0[Measure(phase)]?.value ?? 0) * unit.factor })
          }
        ).svg()
      ])
  }

  /// Share of the phases' sum, so that the bars are whole.
  private static func share(_ phase: Phase, of point: ExecutionPoint) -> Double {
    let total = Phase.ofTraining.reduce(0) { $0 + (point[Measure($1)]?.value ?? 0) }
    return total > 0 ? 100 * (point[Measure(phase)]?.value ?? 0) / total : 0
  }

  /// Measured steps and the fitted lines, on logarithmic axes.
  private var stepTime: Figure? {
    let largest = summary.execution.compactMap { $0[.stepSeconds]?.value }.max() ?? 1
    let unit = Unit.seconds(for: largest)
    let series = summary.stepTimeFits.enumerated().flatMap { index, fit -> [Plot.Series] in
      let measured = summary.execution.filter { $0.values.without(.globalBatch) == fit.values }
        .compactMap { point in
          point[.stepSeconds].map { Plot.Point(globalBatch: point.globalBatch, $0, times: unit.factor) }
        }
      let name = summary.name(ofExecution: fit)
      return [
        Plot.Series("\(name), measured", measured, Look(index), .points),
        Plot.Series("\(name), a + bB", line(fit, unit.factor), Look(index), .line),
      ]
    }
    guard !series.isEmpty else { return nil }
    let fits = StudyWords(summary: summary).fitSentences.joined(separator: " ")
    return figure(
      "step-time",
      "Median time of a training step in \(unit.name) against the global batch, both axes logarithmic, with the line a + bB "
        + "fitted by least squares. \(fits) \(overTrials)",
      [
        Plot(
          "Step time", x: batchAxis, y: Plot.Axis("Time per step (\(unit.name))", .log10), series
        ).svg()
      ])
  }

  private func line(_ fit: StepTimeFit, _ factor: Double) -> [Plot.Point] {
    guard let first = fit.globalBatches.first, let last = fit.globalBatches.last else { return [] }
    return (0...60).map { step in
      let batch = Double(first) * pow(Double(last) / Double(first), Double(step) / 60)
      return Plot.Point(x: batch, y: fit.linear(batch) * factor)
    }
  }

  private var speedUp: Figure? {
    guard let reference = summary.rankScaling.map(\.referenceRanks).min() else { return nil }
    let scaling = ScalingPanels(
      lines: summary.rankScaling.enumerated().map { (name: name(of: $1), scaling: $1, look: look(of: $1, $0)) })
    return figure(
      "speed-up",
      "Speed-up of an epoch over ranks at the same global batch (strong scaling), as a ratio to "
        + "\(Format.plural(reference, "rank")), both axes logarithmic; dotted: ideal\(scaling.laws). Beside it the share of the ideal that "
        + "is reached. Ratios of median epoch times. \(ScalingPanels.intervals)", scaling.panels)
  }

  private func name(of scaling: RankScaling) -> String {
    (scaling.names + ["B = \(Format.integer(scaling.globalBatch))"]).joined(separator: ", ")
  }

  private func look(of scaling: RankScaling, _ index: Int) -> Look {
    Look(scaling.names.isEmpty ? globalBatches.firstIndex(of: scaling.globalBatch) ?? 0 : index)
  }
}

extension StudyFigures {
  private var globalBatches: [Int] { summary.globalBatches }

  /// Points whose times differ by the batch alone, in the summary's order.
  private var executions: [[ExecutionPoint]] {
    summary.execution.map { $0.values.without(.globalBatch) }.uniqued.map { line in
      summary.execution.filter { $0.values.without(.globalBatch) == line }
    }
  }

  private var batchAxis: Plot.Axis {
    Plot.Axis("Global batch (samples)", .log2, ticks: globalBatches.map(Double.init))
  }

  private func byCurve(_ measure: Measure, times factor: Double) -> [Plot.Series] {
    summary.curves.enumerated().compactMap { index, curve in
      let places = summary.points(on: curve, ranks: summary.mainRanks ?? 1)
      let points = places.compactMap { point in
        point[measure].map { Plot.Point(globalBatch: point.place.globalBatch, $0, times: factor) }
      }
      return points.isEmpty ? nil : Plot.Series(summary.name(of: curve), points, Look(index))
    }
  }

  private func figure(_ name: String, _ caption: String, _ panels: [String]) -> Figure {
    Figure(name: name, caption: caption, panels: panels)
  }

  private var overSeeds: String {
    summary.provenance.seeds.count > 1
      ? "Mean and, as bands or bars, standard deviation over seeds." : "One seed, so no spread."
  }

  private var meanOverSeeds: String { summary.provenance.seeds.count > 1 ? "Mean over seeds." : "One seed." }

  private var overTrials: String {
    summary.execution.contains { ($0[.epochSeconds]?.count ?? 0) > 1 }
      ? "Median over the epochs of all trials that compute the same, whatever their seed and rule; bands or bars: its 95 % interval, "
        + "from six epochs on."
      : "One epoch each."
  }

  static func title(_ scaling: LearningRateConfiguration.Scaling) -> String {
    switch scaling {
    case .none: "Fixed learning rate"
    case .linear: "Linearly scaled rate"
    case .squareRoot: "Square-root scaled rate"
    }
  }

  /// From the palette of Okabe and Ito (2008).
  private static func color(_ phase: Phase) -> String {
    switch phase {
    case .load: "#E69F00"
    case .forward: "#56B4E9"
    case .backward: "#0072B2"
    case .exchangeWait: "#D55E00"
    case .exchangeWire: "#CC79A7"
    case .update: "#009E73"
    case .evaluate, .checkpoint, .other: "#BBBBBB"
    }
  }
}
