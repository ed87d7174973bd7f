import Configuration
import Studies

extension StudyFigures {
  /// The loss on the ways between trials' weights; nil where none was followed.
  var interpolations: Figure? {
    let panels = summary.curves.compactMap { curve -> String? in
      let ways = summary.points(on: curve, ranks: summary.mainRanks ?? 1).compactMap { point in
        point.interpolation.map { (point.place.globalBatch, $0) }
      }
      guard !ways.isEmpty else { return nil }
      return Plot(
        "Interpolation: \(summary.name(of: curve).lowercased())", x: .init("α"), y: .init("Loss (nats)", .log10),
        ways.enumerated().flatMap { lines($1.0, $1.1, $0) }
      ).svg()
    }
    guard !panels.isEmpty, let interpolation = summary.study.interpolation else { return nil }
    let values = interpolation.towards.values
    let end =
      ([values.variant, values.globalBatch.map { "B = \(Format.integer($0))" }].compactMap { $0 }
      + values.furtherNames).joined(separator: ", ")
    return Figure(
      name: "interpolation",
      caption:
        "Loss on the \(interpolation.path.rawValue) way from the weights of the trial of the same seed at \(end) (α = 0) to a setting's own "
        + "(α = 1), and beyond both: mean over seeds, of the training set and of what was held out. A side on which it rises faster "
        + "is the sharper one along this way.",
      panels: panels)
  }

  private func lines(_ batch: Int, _ course: InterpolationCourse, _ index: Int) -> [Plot.Series] {
    let name = "B = \(Format.integer(batch))"
    let training = course.places.map { Plot.Point(x: $0.alpha, y: $0.trainingLoss.mean) }
    let heldOut = course.places.compactMap { place in
      place.heldOutLoss.map { Plot.Point(x: place.alpha, y: $0.mean) }
    }
    return [
      Plot.Series("\(name), training", training, Look(2 * index)),
      Plot.Series("\(name), held out", heldOut, Look(2 * index + 1)),
    ]
  }
}
