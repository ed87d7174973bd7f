import Studies

extension StudyFigures {
  /// One batch a rank on more and more ranks: nil where fewer than three rank counts show no trend, unless the study asks for it.
  var weakScaling: Figure? {
    let scalings = summary.weakScaling.filter { summary.study.axes.localBatch != nil || $0.entries.count > 2 }
    guard !scalings.isEmpty else { return nil }
    let ranks = Set(scalings.flatMap { $0.entries.map { Double($0.ranks) } }).sorted()
    let series = scalings.enumerated().map { index, scaling in
      Plot.Series(
        (scaling.names + ["\(Format.integer(scaling.localBatch)) a rank"]).joined(separator: ", "),
        scaling.entries.map { Plot.Point(x: Double($0.ranks), y: 100 * $0.efficiency) }, Look(index))
    }
    let ideal = Plot.Series(
      "ideal", ranks.map { Plot.Point(x: $0, y: 100) }, .neutral, .line)
    return Figure(
      name: "weak-scaling",
      caption:
        "Samples a second and rank at the same batch of each rank, so that the global batch grows with the ranks (weak scaling), "
        + "in percent of what the fewest ranks of the line reach; dotted: ideal. Medians over epochs.",
      panels: [
        Plot(
          "Weak scaling", x: Plot.Axis("Ranks", .log2, ticks: ranks),
          y: Plot.Axis("Efficiency (%)", startsAtZero: true), [ideal] + series
        ).svg()
      ])
  }
}
