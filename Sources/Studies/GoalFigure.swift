import Configuration
import Foundation
import Statistics

/// A figure of steps to the study's target against the batch, that a claim may be of: `goal.criticalBatch`.
public enum GoalFigure: String, CaseIterable, Sendable {
  /// Of log₂ steps by log₂ batch, over the smallest and over the largest batches.
  case smallSlope, largeSlope
  /// Where examples have doubled.
  case knee
  /// Of the hyperbola.
  case criticalBatch, leastUpdates, leastExamples, rSquared
  /// The batch that reached the goal for the least money, and in the least time.
  case cheapestBatch, fastestBatch

  private static let prefix = "goal."

  /// nil where a claim's measure is none of these.
  init?(claim name: String) {
    guard name.hasPrefix(Self.prefix) else { return nil }
    self.init(rawValue: String(name.dropFirst(Self.prefix.count)))
  }

  /// With its interval, where it has one; nil where the curve has no such figure.
  func value(of curve: GoalCurve) -> (value: Double, interval: Interval?)? {
    switch self {
    case .smallSlope: curve.smallSlope.map { ($0.slope, $0.interval) }
    case .largeSlope: curve.largeSlope.map { ($0.slope, $0.interval) }
    case .knee: curve.knee.flatMap { knee in knee.batch.map { ($0, knee.interval) } }
    case .criticalBatch: curve.fit.map { ($0.criticalBatch, $0.interval) }
    case .leastUpdates: curve.fit.map { ($0.leastSteps, nil) }
    case .leastExamples: curve.fit.map { ($0.leastExamples, nil) }
    case .rSquared: curve.fit.map { ($0.rSquared, nil) }
    case .cheapestBatch: curve.cheapest.map { (Double($0.globalBatch), nil) }
    case .fastestBatch: curve.fastest.map { (Double($0.globalBatch), nil) }
    }
  }
}

extension StudyClaim.Quantity {
  /// The figure that it is of, and the one that it divides by; nil where it is of something else.
  var goalFigures: (GoalFigure, GoalFigure?)? {
    GoalFigure(claim: measure).map { figure in
      (figure, isRatio ? overMeasure.flatMap(GoalFigure.init(claim:)) ?? figure : nil)
    }
  }
}

extension ClaimFinding {
  private typealias Figure = (value: Double, interval: Interval?)

  /// A claim about steps to a goal: with an interval its verdict is one of four, else whether it agrees.
  init(_ claim: StudyClaim, ofGoals curves: [GoalCurve], _ figure: GoalFigure, _ below: GoalFigure?) {
    let own = curves.filter { claim.quantity.of.values.fits($0.values) }
    let figures = own.compactMap { curve -> Figure? in
      guard let top = figure.value(of: curve) else { return nil }
      guard let below else { return top }
      let there = curve.values.moved(to: claim.quantity.over?.values ?? AxisValues())
      guard let other = curves.first(where: { $0.values == there }), let bottom = below.value(of: other) else {
        return nil
      }
      return Self.ratio(top, bottom)
    }
    self.claim = claim
    places = figures.count
    (least, most) = (figures.map(\.value).min(), figures.map(\.value).max())
    measured = figures.count == 1 ? figures[0].value : Estimate(figures.map(\.value))?.mean
    // Intervals of several curves together are none.
    interval = figures.count == 1 ? figures[0].interval : nil
    if let interval {
      verdict = Verdict(claim.bounds.verdict(interval, nothing: below == nil ? nil : 1))
    } else if let measured {
      verdict = claim.agrees(with: measured) ? .agrees : .differs
    } else {
      verdict = .notMeasured
    }
  }

  /// In logarithms, where distances of the ends add up as squares: Zou and Donner 2008, "Construction of confidence limits about
  /// effect measures". A side without an interval adds nothing to it.
  private static func ratio(_ top: Figure, _ bottom: Figure) -> Figure {
    let value = top.value / bottom.value
    guard top.interval != nil || bottom.interval != nil, top.value > 0, bottom.value > 0, value.isFinite else {
      return (value, nil)
    }
    let (up, down) = (LogDistances(top.value, top.interval), LogDistances(bottom.value, bottom.interval))
    let below = (up.below * up.below + down.above * down.above).squareRoot()
    let above = (up.above * up.above + down.below * down.below).squareRoot()
    return (value, Interval(lower: value * exp(-below), upper: value * exp(above), level: 0.95))
  }

  /// From a value to the ends of its interval.
  private struct LogDistances {
    let below: Double
    let above: Double

    init(_ value: Double, _ interval: Interval?) {
      below = interval.map { log(value / $0.lower) } ?? 0
      above = interval.map { log($0.upper / value) } ?? 0
    }
  }
}
