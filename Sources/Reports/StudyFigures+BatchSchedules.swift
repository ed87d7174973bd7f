import Studies

extension StudyFigures {
  /// What batch and noise were in each epoch; nil where no run has a schedule of its batch.
  var batchSchedules: Figure? {
    let batches = panel("Global batch", "Samples of an update", .log2) { $0.globalBatch.map(Double.init) }
    guard let batches else { return nil }
    let noise = panel("Noise scale", "g", .log10, \.noiseScale)
    return Figure(
      name: "batch-schedules",
      caption:
        noise == nil
        ? "The global batch of each epoch."
        : "The global batch of each epoch, and beside it the noise scale g = ε (N ÷ B − 1) ÷ (1 − m) of SGD's updates (Smith et al. 2017) with the "
          + "epoch's rate ε and batch B, N training samples and the momentum m. Schedules that Smith's rule calls equal have the same ε ÷ (B (1 − m)), so "
          + "that their g lie as far apart as ε ÷ (1 − m).",
      panels: [batches, noise].compactMap { $0 })
  }

  /// A line for each place of the largest rank count; nil where none has the figure.
  private func panel(
    _ title: String, _ label: String, _ kind: AxisScale.Kind, _ value: (StudyPoint.CurvePoint) -> Double?
  ) -> String? {
    let places = summary.points.filter { $0.place.ranks == summary.mainRanks && !$0.isShared }
    let series = places.enumerated().compactMap { index, point -> Plot.Series? in
      let points = point.curve.compactMap { epoch in
        value(epoch).map { Plot.Point(x: Double(epoch.epoch), y: $0) }
      }
      return points.isEmpty ? nil : Plot.Series(name(of: point), points, Look(index), .both)
    }
    guard !series.isEmpty else { return nil }
    return Plot(title, x: Plot.Axis("Epoch"), y: Plot.Axis(label, kind), series).svg()
  }

  private func name(of point: StudyPoint) -> String {
    let values = point.place.values.without(.globalBatch, .ranks)
    let names = summary.curves.first { $0.values == values }.map { summary.name(of: $0) } ?? ""
    return summary.hasOneBatchACurve ? names : "\(names), B = \(Format.integer(point.place.globalBatch))"
  }
}
