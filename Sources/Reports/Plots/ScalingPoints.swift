import Foundation
import Statistics
import Studies

extension RankScaling {
  /// The law that bounds the speed-up: the fitted one or, S(p) = 1 ÷ (e + (1 − e) ÷ p), Amdahl's, with the serial fraction e in the
  /// middle of those measured; nil for fewer than three rank counts, of which it could only repeat one.
  var bound: [Plot.Point]? {
    let fractions = entries.compactMap(\.serialFraction)
    guard fractions.count > 1, let serial = fractions.median, let last = entries.last else { return nil }
    let speedUp = { law?($0) ?? 1 / (serial + (1 - serial) / $0) }
    let most = Double(last.ranks) / Double(referenceRanks)
    let points = (0...40).map { step in
      let factor = pow(most, Double(step) / 40)
      return Plot.Point(x: factor * Double(referenceRanks), y: speedUp(factor))
    }
    return points.allSatisfy { $0.y > 0 && $0.y.isFinite } ? points : nil
  }
}

extension RankScaling.Entry {
  /// The speed-up over the ranks.
  var speedUpPoint: Plot.Point { point(speedUp, times: 1) }

  /// The efficiency in percent over the ranks.
  var efficiencyPoint: Plot.Point { point(100 * efficiency, times: speedUp > 0 ? 100 * efficiency / speedUp : 0) }

  private func point(_ y: Double, times factor: Double) -> Plot.Point {
    let range = speedUpInterval.flatMap { interval -> ClosedRange<Double>? in
      let (low, high) = (interval.lower * factor, interval.upper * factor)
      return low <= high ? low...high : nil
    }
    return Plot.Point(x: Double(ranks), y: y, range: range)
  }
}

/// Speed-up and efficiency over ranks, drawn the same wherever they are drawn.
struct ScalingPanels {
  /// A line for each work that ran on several rank counts.
  let lines: [(name: String, scaling: RankScaling, look: Look)]

  /// What the dashes say, for the caption; empty where no line has a law.
  var laws: String {
    guard lines.contains(where: { $0.scaling.bound != nil }) else { return "" }
    return
      "; dashes and dots without marks: Amdahl's law with the serial fraction in the middle of those measured, from six rank "
      + "counts on the universal scalability law"
  }

  /// What bands and bars say, for the caption.
  static let intervals =
    "Bands or bars: from the ends of both medians' 95 % intervals, which is 90 % or more of the ratio."

  /// Speed-up, then efficiency; empty where there are no lines.
  var panels: [String] {
    guard let reference = lines.map(\.scaling.referenceRanks).min() else { return [] }
    let ranks = Set(lines.flatMap { $0.scaling.entries.map { Double($0.ranks) } }).sorted()
    let x = Plot.Axis("Ranks", .log2, ticks: ranks)
    let ideal = Plot.Series("ideal", ranks.map { Plot.Point(x: $0, y: $0 / Double(reference)) }, .neutral, .line)
    return [
      Plot(
        "Speed-up over ranks", x: x, y: Plot.Axis("Speed-up (ratio)", .log2),
        [ideal] + bounds + series(\.speedUpPoint)
      ).svg(),
      Plot(
        "Efficiency over ranks", x: x, y: Plot.Axis("Efficiency (%)", startsAtZero: true), series(\.efficiencyPoint)
      ).svg(),
    ]
  }

  private var bounds: [Plot.Series] {
    lines.compactMap { line in
      line.scaling.bound.map {
        let law = line.scaling.law == nil ? "Amdahl" : "fitted law"
        return Plot.Series("\(line.name), \(law)", $0, line.look.ofLaw, .line)
      }
    }
  }

  private func series(_ point: (RankScaling.Entry) -> Plot.Point) -> [Plot.Series] {
    lines.map { Plot.Series($0.name, $0.scaling.entries.map(point), $0.look) }
  }
}

extension Plot.Point {
  /// Of an estimate in a figure's unit, over the global batch: with the median's interval where it has one, else the deviation.
  init(globalBatch: Int, _ estimate: Estimate, times factor: Double) {
    // Figures at the end of what a number holds may leave an interval without ends.
    let interval = estimate.medianInterval.flatMap {
      $0.lower * factor <= $0.upper * factor ? $0.lower * factor...$0.upper * factor : nil
    }
    self.init(
      x: Double(globalBatch), y: estimate.value * factor, error: estimate.standardDeviation.map { $0 * factor },
      range: interval)
  }
}

extension Look {
  /// Of a line that was not measured: what would be at best, what is equal, what goes along a front.
  static let neutral = Look(color: "#666666", marker: .circle, dash: "2 3")

  /// Of a law beside what was measured, in the same colour.
  var ofLaw: Look {
    var look = self
    look.dash = "1 3 " + (dash.isEmpty ? "10 3" : dash)
    return look
  }
}
