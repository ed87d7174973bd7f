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

extension Look {
  /// Of a law beside what was measured, in the same colour.
  var ofLaw: Look {
    var look = self
    look.dash = "1 3 " + (dash.isEmpty ? "10 3" : dash)
    return look
  }
}
