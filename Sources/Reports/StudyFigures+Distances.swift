import Foundation
import Statistics
import Studies

extension StudyFigures {
  /// How far weights went, against the logarithm of the update, with both laws; nil where it was not measured.
  var distances: Figure? {
    let panels = summary.curves.compactMap { curve -> String? in
      let points = summary.points(on: curve, ranks: summary.mainRanks ?? 1).filter { $0.distances != nil }
      guard !points.isEmpty else { return nil }
      return Plot(
        "Distance: \(summary.name(of: curve).lowercased())", x: Plot.Axis("Update", .log10),
        y: Plot.Axis("‖w − w₀‖", startsAtZero: true), points.enumerated().flatMap { lines($1, $0) }
      ).svg()
    }
    guard !panels.isEmpty else { return nil }
    return Figure(
      name: "weight-distance",
      caption:
        "Distance of the weights from where they started, against updates on a logarithmic axis: measured (mean over seeds), and "
        + "over the stretch that is fitted a + b log t (whole or long dashes) and c · t^p (short ones). A straight line is the slow walk of Hoffer et al. "
        + "2017; a bend upwards is a faster one.",
      panels: panels)
  }

  private func lines(_ point: StudyPoint, _ index: Int) -> [Plot.Series] {
    guard let course = point.distances else { return [] }
    let batch = "B = \(Format.integer(point.place.globalBatch))"
    let look = Look(index)
    let measured = zip(course.updates, course.total).map { Plot.Point(x: Double($0), y: $1.value) }
    guard let fit = course.fit else { return [Plot.Series(batch, measured, look, .points)] }
    let updates = Self.between(fit.firstUpdate, fit.lastUpdate)
    func series(_ name: String, _ look: Look, _ law: (Double) -> Double) -> Plot.Series {
      Plot.Series("\(batch), \(name)", updates.map { Plot.Point(x: $0, y: law($0)) }, look, .line)
    }
    return [
      Plot.Series(batch, measured, look, .points), series("a + b log t", .law(index)) { fit.logarithm(log($0)) },
      series("c t^p", .law(index, second: true)) { fit.power($0) },
    ]
  }

  /// Evenly on a logarithmic axis.
  private static func between(_ first: Int, _ last: Int) -> [Double] {
    (0...40).map { Double(first) * pow(Double(last) / Double(first), Double($0) / 40) }
  }
}
