import Configuration
import Foundation
import Studies

/// A projection's pictures. What a model says has open markers and dashed lines, and its own place in the legend.
package struct ProjectionFigures {
  let projection: Projection
  let cost: StudyConfiguration.Cost

  package init(_ projection: Projection, cost: StudyConfiguration.Cost) {
    self.projection = projection
    self.cost = cost
  }

  /// In the order of the page; what has no data is left out.
  package var all: [Figure] { [stepTime, efficiency, shares, money, smallestBatch, comparison].compactMap { $0 } }

  private var tables: ProjectionTables { ProjectionTables(projection, cost: cost) }

  /// Steps of each batch, measured and by the model.
  var stepTime: Figure? {
    let unit = Unit.seconds(for: projection.strong.map(\.stepSeconds).filter(\.isFinite).max() ?? 1)
    let series = batches.enumerated().flatMap { index, batch -> [Plot.Series] in
      let points = projection.strong.filter { $0.globalBatch == batch }
      let measured = points.compactMap { point in
        point.measuredStepSeconds.map { Plot.Point(x: Double(point.ranks), y: $0 * unit.factor) }
      }
      let projected = points.map { point in
        Plot.Point(
          x: Double(point.ranks), y: point.stepSeconds * unit.factor,
          range: point.interval.map { ($0.lower * unit.factor)...($0.upper * unit.factor) })
      }
      let name = "B = \(Format.integer(batch))"
      return [
        Plot.Series("\(name), model", projected, Look(index).projected),
        // Over the model's, which may lie in the same place.
        Plot.Series("\(name), measured", measured, Look(index), .points),
      ]
    }
    return figure(
      "projected-steps",
      "Time of a step in \(unit.name) against ranks, both axes logarithmic. Bands and bars are where the model has 95 % of it.",
      [Plot("Step time, projected", x: ranksAxis, y: Plot.Axis("Time per step (\(unit.name))", .log10), series)])
  }

  private var efficiency: Figure? {
    func panel(
      _ title: String, _ points: [Projection.Point], _ keys: [Int], _ key: (Projection.Point) -> Int, _ name: String
    )
      -> Plot
    {
      let series = keys.enumerated().map { index, value in
        Plot.Series(
          "\(name) = \(Format.integer(value))",
          points.filter { key($0) == value }.map { Plot.Point(x: Double($0.ranks), y: $0.efficiency * 100) },
          Look(index).projected)
      }
      return Plot(title, x: ranksAxis, y: Plot.Axis("Efficiency (%)", startsAtZero: true), series)
    }
    let local = Set(projection.weak.map { $0.globalBatch / $0.ranks }).sorted()
    return figure(
      "projected-efficiency",
      "What a rank does of what one rank alone does, in percent: of the same global batch B, and of the same batch b a rank.",
      [
        panel("The same global batch, projected", projection.strong, batches, \.globalBatch, "B"),
        panel("The same batch a rank, projected", projection.weak, local, { $0.globalBatch / $0.ranks }, "b"),
      ])
  }

  /// Of the largest batch.
  private var shares: Figure? {
    let points = projection.strong.filter { $0.globalBatch == batches.last && $0.stepSeconds > 0 }
    guard !points.isEmpty, let batch = batches.last else { return nil }
    return Figure(
      name: "projected-shares",
      caption: "What a step is made of, in percent, at a global batch of \(Format.integer(batch)), by ranks.",
      panels: [
        StackedBars(
          "What a step is made of, projected", xLabel: "Ranks", yLabel: "Share of the step (%)",
          categories: points.map { Format.integer($0.ranks) },
          StepTerms.Term.allCases.map { term in
            StackedBars.Layer(
              ProjectionTables.name(term), Self.color(term), points.map { 100 * $0.terms[term] / $0.stepSeconds })
          }
        ).svg()
      ], isMeasured: false)
  }

  private var money: Figure? {
    let hasGoal = projection.strong.contains { $0.epochsToGoal != nil }
    let points = projection.strong.filter { !hasGoal || $0.epochsToGoal != nil }
    let unit = Unit.seconds(for: points.map(\.choice.seconds).filter(\.isFinite).max() ?? 1)
    let price = cost.pricePerNodeHour > 0 ? cost.pricePerNodeHour : 1
    func drawn(_ points: [Projection.Point]) -> [Plot.Point] {
      points.map {
        Plot.Point(x: $0.choice.nodeHours * price, y: $0.choice.seconds * unit.factor)
      }
    }
    let all = batches.enumerated().map { index, batch in
      Plot.Series(
        "B = \(Format.integer(batch))", drawn(points.filter { $0.globalBatch == batch }), Look(index).projected, .points
      )
    }
    let front = Plot.Series(
      "nothing is quicker and cheaper", drawn(points.filter(\.isOnFront)).sorted { $0.x < $1.x },
      .neutral, .line)
    let what = hasGoal ? "to the goal" : "of an epoch"
    return figure(
      "projected-money",
      "Time \(what) in \(unit.name) against money (\(tables.moneyName)), both axes logarithmic, a point for each batch and number "
        + "of ranks. Lower and further left is better.",
      [
        Plot(
          "Time against money, projected", x: Plot.Axis("\(tables.moneyName) \(what)", .log10),
          y: Plot.Axis("Time \(what) (\(unit.name))", .log10), [front] + all)
      ])
  }

  private var smallestBatch: Figure? {
    let points = projection.isoefficiency.compactMap { entry in
      entry.globalBatch.map { Plot.Point(x: Double(entry.ranks), y: Double($0)) }
    }
    let percent = Format.percent(Projection.busy, 0)
    return figure(
      "projected-batch",
      "The smallest global batch at which a rank does at least \(percent) of what one rank alone does, against ranks; both axes "
        + "logarithmic.",
      [
        Plot(
          "Smallest batch for \(percent), projected", x: ranksAxis, y: Plot.Axis("Global batch (samples)", .log10),
          [Plot.Series("model", points, Look(0).projected)])
      ])
  }

  private var comparison: Figure? {
    let rows = projection.comparisons
    let unit = Unit.seconds(for: rows.map(\.measured).filter(\.isFinite).max() ?? 1)
    func points(_ isFitted: Bool) -> [Plot.Point] {
      rows.filter { $0.isFitted == isFitted }.map {
        Plot.Point(x: $0.measured * unit.factor, y: $0.predicted * unit.factor)
      }
    }
    let ends = [rows.map(\.measured).min(), rows.map(\.measured).max()].compactMap { $0 }
    return figure(
      "predicted-measured",
      "The model's steps in \(unit.name) against measured ones, both axes logarithmic; dotted: equal.",
      [
        Plot(
          "Predicted beside measured", x: Plot.Axis("Measured step (\(unit.name))", .log10),
          y: Plot.Axis("Predicted step (\(unit.name))", .log10),
          [
            Plot.Series(
              "equal", ends.map { Plot.Point(x: $0 * unit.factor, y: $0 * unit.factor) },
              .neutral, .line),
            Plot.Series("fitted", points(true), Look(0), .points),
            Plot.Series("not fitted", points(false), Look(1).projected, .points),
          ])
      ])
  }
}

extension ProjectionFigures {
  private var batches: [Int] { Set(projection.strong.map(\.globalBatch)).sorted() }

  private var ranksAxis: Plot.Axis { Plot.Axis("Ranks", .log2) }

  /// nil where no panel has a point.
  private func figure(_ name: String, _ caption: String, _ plots: [Plot]) -> Figure? {
    let panels = plots.filter { $0.series.contains { !$0.points.isEmpty } }.map { $0.svg() }
    return panels.isEmpty
      ? nil
      : Figure(
        name: name, caption: "\(caption) Open markers and dashed lines are the model's.", panels: panels,
        isMeasured: false)
  }

  /// From the palette of Okabe and Ito (2008), as phases have it.
  private static func color(_ term: StepTerms.Term) -> String {
    switch term {
    case .overhead: "#BBBBBB"
    case .compute: "#0072B2"
    case .latency: "#E69F00"
    case .bandwidth: "#CC79A7"
    case .waiting: "#D55E00"
    }
  }
}

extension Look {
  /// What nobody measured: as this, but open and dashed.
  var projected: Look {
    var look = self
    look.isOpen = true
    if look.dash.isEmpty { look.dash = "6 4" }
    return look
  }
}
