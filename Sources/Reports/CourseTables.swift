import Statistics
import Studies

/// What trials looked at besides: gradient noise, and how far weights went. Without rows where nothing was measured.
struct CourseTables {
  let summary: StudySummary

  static let aboutNoise =
    "tr Σ ÷ ‖G‖² of the dense weights in samples, from means of both over the measured updates (McCandlish et al. 2018): the global "
    + "batch at which noise and gradient are of one size. Mean ± standard deviation over seeds; a missing figure is one whose ‖G‖² "
    + "cannot be told from 0."
  static let aboutDistances =
    "Fits to the mean over seeds of ‖w_t − w₀‖, from the end of the first epoch on as long as the rate stays: a + b log t, c · t^p and "
    + "c · √t, each R² of the distance itself. Norms are of all noted updates; the last column is of an epoch."
  static let aboutArrays = "The same fits, of each array of weights by itself."

  var noise: Table {
    let measures = [Measure.noiseScaleAtStart, .noiseScale, .noiseScaleAtEnd, .noiseScaleTables].filter(isKnown)
    return table(measures, of: points.filter { point in measures.contains { point[$0] != nil } })
  }

  var distances: Table {
    let measured = points.filter { $0[.updateNormMean] != nil }
    let norms = table([.weightDistance, .updateNormMean, .updateNormVariance, .gradientNormTail], of: measured)
    return Table(
      norms.headings + Self.fitHeadings,
      zip(norms.rows, measured).map { $0 + Self.cells($1.distances?.fit) })
  }

  var arrays: Table {
    Table(
      [.text("Setting"), .number("Batch"), .text("Array")] + Self.fitHeadings,
      points.flatMap { point in
        (point.distances?.arrays ?? []).map { array in
          place(point) + [array.name] + Self.cells(array.fit)
        }
      })
  }

  static let aboutCriticalBatches =
    "The largest batch of branches from one saved start, each on as many samples and with its rate scaled, whose training loss is "
    + "within \(CriticalBatch.tolerance) nats of every smaller one's (Merrill et al. 2025). Where it is the largest that was tried, the "
    + "critical batch may be larger."

  /// Empty where no trial starts from a saved model.
  var criticalBatches: Table {
    Table(
      [.text("Setting"), .number("Smallest"), .number("Largest"), .text("Critical batch")],
      (summary.criticalBatches ?? []).map { critical in
        let isLargest = critical.globalBatch == critical.largest
        return [
          summary.name(of: StudySummary.Curve(StudyPoint.Place(critical.values))), Format.integer(critical.smallest),
          Format.integer(critical.largest), (isLargest ? "at least " : "") + Format.integer(critical.globalBatch),
        ]
      })
  }

  private static let fitHeadings: [Table.Heading] = [
    .number("Updates"), .number("b"), .number("R² of a + b log t"), .number("p"), .number("R² of c t^p"),
    .number("R² of c √t"),
  ]

  private static func cells(_ fit: DistanceFit?) -> [String] {
    guard let fit else { return Array(repeating: Format.missing, count: fitHeadings.count) }
    return [
      "\(Format.integer(fit.firstUpdate)) – \(Format.integer(fit.lastUpdate))", Format.number(fit.logarithm.slope),
      Format.fixed(fit.logarithm.rSquared, 4), Format.fixed(fit.power.exponent, 3), Format.fixed(fit.power.rSquared, 4),
      Format.fixed(fit.root.rSquared, 4),
    ]
  }

  /// Each trial once, on the most ranks.
  private var points: [StudyPoint] {
    summary.points.filter { $0.place.ranks == summary.mainRanks && !$0.isShared }
  }

  private func isKnown(_ measure: Measure) -> Bool { summary.points.contains { $0[measure] != nil } }

  private func place(_ point: StudyPoint) -> [String] {
    [summary.name(of: StudySummary.Curve(point.place)), Format.integer(point.place.globalBatch)]
  }

  private func table(_ measures: [Measure], of points: [StudyPoint]) -> Table {
    Table(
      [.text("Setting"), .number("Batch")] + measures.map { .number($0.facts.heading) },
      points.map { point in place(point) + measures.map { Format.estimate(point[$0]) } })
  }
}
