import Configuration
import Foundation
import Statistics
import Studies

/// Steps, examples, time and money to the study's target against the global batch. Empty for a study without one.
struct GoalReport {
  let summary: StudySummary

  var curves: [GoalCurve] { summary.goals ?? [] }

  var sections: [ReportSection] {
    [
      ReportSection("Steps and examples to the target", wordsOfPoints, points),
      ReportSection("Critical batch", wordsOfFits, fits),
      ReportSection("Time and money to the target against the batch", wordsOfPrices, prices),
    ]
  }

  private var wordsOfPoints: String {
    "Each batch at the setting that takes the fewest updates of those that every seed reached the target with, geometric mean over "
      + "seeds; examples are updates × global batch, and beside them how many times the fewest of any batch. Counted to the end of an "
      + "epoch: what falls inside one is not told apart. A batch that some seed did not reach it with has no figure."
  }

  private var points: Table {
    Table(
      [
        .text("Curve"), .number("Batch"), .number("Best rate"), .number("Updates"), .number("Examples"),
        .number("× fewest"), .number("Seeds"),
      ],
      curves.flatMap { curve in
        let fewest = curve.points.map(\.examples).min() ?? 1
        return curve.points.map { point in
          [
            name(curve), Format.integer(point.globalBatch), Format.number(point.learningRate),
            Format.number(point.steps), Format.number(point.examples), Format.fixed(point.examples / fewest, 2),
            Format.integer(point.updates.count),
          ]
        }
          + curve.unreached.map { batch in
            [
              name(curve), Format.integer(batch), Format.missing, "not reached", Format.missing, Format.missing,
              Format.missing,
            ]
          }
      })
  }

  private var wordsOfFits: String {
    "Slopes are of log₂ updates by log₂ batch over the three smallest and the three largest batches: −1 is perfect scaling, 0 no gain; "
      + "Student's interval over batches and seeds. The knee is where examples are twice the fewest, on straight lines between the "
      + "measured batches, with an interval by a parametric bootstrap of the seeds' spread. The critical batch is that of the hyperbola "
      + "(S ÷ S_min − 1)(E ÷ E_min − 1) = 1 (McCandlish et al. 2018), fitted to log S by least squares, with the interval of its profile. "
      + "All at 95 %. It takes four batches that reached the target, with the bend among them."
  }

  private var fits: Table {
    Table(
      [
        .text("Curve"), .number("Batches"), .text("Slope, smallest"), .text("Slope, largest"), .text("Knee"),
        .text("Critical batch"), .number("S_min"), .number("E_min"), .number("R² (log)"),
      ],
      curves.map { curve in
        [
          name(curve), Format.integer(curve.points.count), Self.text(curve.smallSlope), Self.text(curve.largeSlope),
          Self.text(curve.knee), curve.fit.map { Self.text($0.criticalBatch, $0.interval) } ?? why(curve),
          curve.fit.map { Format.number($0.leastSteps) } ?? Format.missing,
          curve.fit.map { Format.number($0.leastExamples) } ?? Format.missing,
          curve.fit.map { Format.fixed($0.rSquared, 4) } ?? Format.missing,
        ]
      })
  }

  private func why(_ curve: GoalCurve) -> String {
    if curve.points.isEmpty { return "no batch reached the target" }
    return curve.points.count < HyperbolaFit.fewestPoints ? "too few batches" : "no bend among the batches"
  }

  private static func text(_ slope: GoalCurve.Slope?) -> String {
    guard let slope else { return Format.missing }
    let interval = slope.interval.map { " (\(Format.fixed($0.lower, 2)) to \(Format.fixed($0.upper, 2)))" } ?? ""
    return Format.fixed(slope.slope, 2) + interval
  }

  private static func text(_ knee: ScalingKnee?) -> String {
    guard let knee else { return Format.missing }
    let batch = knee.batch.map { Format.number($0) } ?? "beyond the largest batch"
    return batch + (knee.interval.map { " (\(Format.number($0.lower)) to \(Format.number($0.upper)))" } ?? "")
  }

  private static func text(_ value: Double, _ interval: Interval) -> String {
    "\(Format.number(value)) (\(Format.number(interval.lower)) to \(Format.number(interval.upper)))"
  }

  private var wordsOfPrices: String {
    (curves.compactMap(sentence) + [
      "Money is price × nodes × time: on one number of nodes the cheapest is the quickest."
    ]).joined(separator: " ")
  }

  /// What Golmant et al. 2018 say of costs, and whether it is so here.
  private func sentence(_ curve: GoalCurve) -> String? {
    guard let cheapest = curve.cheapest, let fastest = curve.fastest else { return nil }
    let currency = summary.study.cost.currency
    let isPriced = summary.study.cost.pricePerNodeHour > 0
    let who = curves.count > 1 ? "Of \(name(curve))" : "Of all that was measured"
    let money =
      isPriced
      ? "the cheapest to the target is a global batch of \(place(cheapest)), \(Format.money(cheapest.cost, currency)), and "
      : ""
    let found = "\(who) \(money)the fastest \(place(fastest)), \(Format.seconds(fastest.seconds))."
    guard let below = curve.side(of: cheapest.globalBatch), let above = curve.side(of: fastest.globalBatch) else {
      return found + " No critical batch to hold that against."
    }
    return found
      + " Cheapest at or below the critical batch: \(Self.word(below, wanted: .atOrBelow)); fastest above it: "
      + "\(Self.word(above, wanted: .above)) (Golmant et al. 2018)."
  }

  private func place(_ price: GoalCurve.Price) -> String {
    "\(Format.integer(price.globalBatch)) on \(Format.plural(price.ranks, "rank"))"
  }

  private static func word(_ side: GoalCurve.Side, wanted: GoalCurve.Side) -> String {
    side == .undecided ? "undecided" : side == wanted ? "so" : "not so"
  }

  private var prices: Table {
    Table(
      [
        .text("Curve"), .number("Batch"), .number("Ranks"), .text("Time"), .number(summary.study.cost.currency),
        .number("Updates × fewest"), .number("Examples × fewest"),
      ],
      curves.flatMap { curve in
        let fewest = (curve.points.map(\.steps).min() ?? 1, curve.points.map(\.examples).min() ?? 1)
        return curve.prices.map { price in
          let point = curve.points.first { $0.globalBatch == price.globalBatch }
          return [
            name(curve), Format.integer(price.globalBatch), Format.integer(price.ranks), Format.seconds(price.seconds),
            Format.number(price.cost), point.map { Format.fixed($0.steps / fewest.0, 2) } ?? Format.missing,
            point.map { Format.fixed($0.examples / fewest.1, 2) } ?? Format.missing,
          ]
        }
      })
  }

  private func name(_ curve: GoalCurve) -> String { curve.names.isEmpty ? "all" : curve.names.joined(separator: ", ") }

  /// Where no batch of a curve reached the target.
  var caveats: [String] {
    guard let target = summary.study.target else { return [] }
    return curves.filter(\.points.isEmpty).map { curve in
      let who = curves.count > 1 ? "No setting of \(name(curve))" : "No setting"
      return
        "\(who) reached \(target.quality.text(target.value)) \(target.quality.name(in: summary)) with every seed: steps, time and money to "
        + "it are not known, and nothing is extrapolated."
    }
  }
}

extension GoalReport {
  var figures: [Figure] {
    guard curves.contains(where: { $0.points.count > 1 }) else { return [] }
    return [steps, costs].compactMap { $0 }
  }

  /// Both axes logarithmic to base 2.
  private var steps: Figure? {
    let series = curves.enumerated().flatMap { index, curve -> [Plot.Series] in
      guard curve.points.count > 1 else { return [] }
      let measured = curve.points.map { point in
        Plot.Point(
          x: Double(point.globalBatch), y: point.steps,
          range: (point.updates.min() ?? point.steps)...(point.updates.max() ?? point.steps))
      }
      return [Plot.Series(name(curve), measured, Look(index), .points)] + lines(curve, index)
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      name: "steps-to-target",
      caption:
        "Updates to the target against the global batch, each batch at its best rate, both axes logarithmic to base 2; bars from the "
        + "least to the most of any seed. Short dashes: perfect scaling, as few examples as the batch that takes fewest. Long or whole lines: the fitted "
        + "hyperbola, where there is one. Batches that did not reach it have no point.",
      panels: [
        Plot("Updates to the target", x: batchAxis, y: Plot.Axis("Updates", .log2), series).svg()
      ])
  }

  private func lines(_ curve: GoalCurve, _ index: Int) -> [Plot.Series] {
    guard let first = curve.points.first, let last = curve.points.last, let fewest = curve.points.map(\.examples).min()
    else { return [] }
    let batches = (0...60).map { step in
      Double(first.globalBatch) * pow(Double(last.globalBatch) / Double(first.globalBatch), Double(step) / 60)
    }
    let line = Plot.Series(
      "\(name(curve)), perfect", batches.map { Plot.Point(x: $0, y: fewest / $0) }, .law(index, second: true), .line)
    let hyperbola = curve.fit.map { fit in
      Plot.Series("\(name(curve)), hyperbola", batches.map { Plot.Point(x: $0, y: fit($0)) }, .law(index), .line)
    }
    return [line] + [hyperbola].compactMap { $0 }
  }

  /// As multiples of the least, so that time, money, updates and examples stand on one axis.
  private var costs: Figure? {
    let panels = curves.compactMap { curve -> String? in
      guard let ranks = curve.prices.map(\.ranks).max(), let fewest = curve.points.map(\.steps).min(),
        let least = curve.points.map(\.examples).min(), curve.points.count > 1
      else { return nil }
      let own = curve.prices.filter { $0.ranks == ranks }
      guard let quickest = own.map(\.seconds).min(), quickest > 0 else { return nil }
      let series = [
        Plot.Series(
          "updates (time, if a step took the same)",
          curve.points.map { Plot.Point(x: Double($0.globalBatch), y: $0.steps / fewest) }, Look(0)),
        Plot.Series(
          "examples (money, if a sample cost the same)",
          curve.points.map { Plot.Point(x: Double($0.globalBatch), y: $0.examples / least) }, Look(1)),
        Plot.Series(
          "time on \(Format.plural(ranks, "rank")), measured",
          own.map { Plot.Point(x: Double($0.globalBatch), y: $0.seconds / quickest) }, Look(2)),
      ]
      return Plot(
        "To the target: \(name(curve))", x: batchAxis, y: Plot.Axis("Multiple of the least", .log2), series
      ).svg()
    }
    guard !panels.isEmpty else { return nil }
    return Figure(
      name: "cost-of-target",
      caption:
        "Updates, examples and training time to the target against the global batch, each as a multiple of its least, both axes "
        + "logarithmic to base 2, a panel for each curve. Were steps of all batches as long, time would follow the updates; were samples "
        + "of all batches as cheap, money would follow the examples. Money measured on one number of nodes follows the time.",
      panels: panels)
  }

  private var batchAxis: Plot.Axis {
    Plot.Axis("Global batch (samples)", .log2, ticks: summary.globalBatches.map(Double.init))
  }
}
