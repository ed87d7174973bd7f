import Configuration
import Statistics

/// A publication's claim and what was measured. The bounds stand in the study's file; this only compares.
public struct ClaimFinding: Encodable, Equatable, Sendable {
  /// Whether what was measured lies in the claim's bounds.
  public enum Verdict: String, Encodable, Sendable {
    case agrees, differs, notMeasured
    /// Too few updates were made for the figure to say anything.
    case notJudged
    /// Of claims that are judged by an interval: as `Bounds.Verdict` has it.
    case shown, notShown, opposite, undecided

    init(_ verdict: Bounds.Verdict) {
      switch verdict {
      case .shown: self = .shown
      case .notShown: self = .notShown
      case .opposite: self = .opposite
      case .undecided: self = .undecided
      }
    }
  }

  /// As the study has it.
  public var claim: StudyClaim
  /// The mean over all places that fit; of ratios, the geometric mean.
  public var measured: Double?
  /// Over those places.
  public var least: Double?
  /// Over those places.
  public var most: Double?
  /// How many fit and were measured.
  public var places: Int
  /// Whether `measured`, or where there is an interval that, lies in the claim's bounds.
  public var verdict: Verdict
  /// Over seeds, of claims that are paired by them; nil of others, and where there is no pair.
  public var test: BoundsTest?
  /// Seeds that only one side has a figure of, since a trial diverged, missed the target or did not run; nil where there are none.
  public var unpaired: Int?
  /// Of figures that come with one, such as a fit's; of pairs the test has it.
  public var interval: Interval?

  /// - Parameters:
  ///   - quality: by which a claim about the best settings chooses them.
  ///   - figures: of single seeds, for claims that are paired by them.
  ///   - goals: figures of steps to the study's target.
  init(
    _ claim: StudyClaim, _ points: [StudyPoint], _ curves: [CallCurve], _ goals: [GoalCurve],
    _ criticalBatches: [CriticalBatch], _ quality: JudgedQuality, _ figures: SeedFigures
  ) {
    if let (figure, below) = claim.quantity.goalFigures {
      self.init(claim, ofGoals: goals, figure, below)
    } else if claim.isPaired {
      self.init(paired: claim, points, quality, figures)
    } else {
      self.init(claim, points, curves, criticalBatches, quality)
    }
  }

  private init(
    _ claim: StudyClaim, _ points: [StudyPoint], _ curves: [CallCurve], _ criticalBatches: [CriticalBatch],
    _ quality: JudgedQuality
  ) {
    let best = claim.best == true ? quality : nil
    let judged = points.filter { ($0[.updates]?.value ?? 0) >= Double(claim.leastUpdates ?? 0) }
    let values =
      claim.quantity.measure == CriticalBatch.quantity
      ? claim.quantity.values(criticalBatches)
      : claim.quantity.values(judged, among: points, curves, best).filter(\.isFinite)
    self.claim = claim
    places = values.count
    least = values.min()
    most = values.max()
    let isRatio = claim.quantity.isRatio && values.allSatisfy { $0 > 0 }
    let measured =
      values.isEmpty
      ? nil
      : isRatio
        ? values.geometricMean : Estimate(values)?.value
    self.measured = measured
    let isOfTooFew = values.isEmpty && !claim.quantity.values(points, among: points, curves, best).isEmpty
    verdict =
      measured.map { claim.bounds.contains($0) ? .agrees : .differs } ?? (isOfTooFew ? .notJudged : .notMeasured)
  }
}

extension StudyClaim {
  var bounds: Bounds { Bounds(atLeast: atLeast, atMost: atMost) }
}

extension StudyClaim.Quantity {
  /// nil where `name` is no figure of a call curve.
  private static func callFigure(_ name: String) -> (CallCurve.Kind, CallFigure)? {
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count == 2, let kind = CallCurve.Kind(rawValue: parts[0]), let figure = CallFigure(rawValue: parts[1])
    else { return nil }
    return (kind, figure)
  }

  static func isKnown(_ name: String) -> Bool {
    Measure(rawValue: name) != nil || callFigure(name) != nil || GoalFigure(claim: name) != nil
      || name == CriticalBatch.quantity
  }

  /// - Parameters:
  ///   - judged: places that count.
  ///   - points: places to divide by.
  ///   - best: takes the best place alone.
  fileprivate func values(
    _ judged: [StudyPoint], among points: [StudyPoint], _ curves: [CallCurve], _ best: JudgedQuality?
  ) -> [Double] {
    if let (kind, figure) = Self.callFigure(measure) {
      return curves.filter { $0.kind == kind && $0.fits(of) }.compactMap { curve in
        guard isRatio else { return figure.value(of: curve, examples: of.values.globalBatch) }
        return ratio(figure, of: curve, among: curves)
      }
    }
    guard let measure = Measure(rawValue: measure) else { return [] }
    if let best { return bestValue(measure, judged, points, best).map { [$0] } ?? [] }
    return judged.filter { Self.fits(of.values, $0) }.compactMap { point in
      guard isRatio else { return point[measure]?.value }
      let place = StudyPoint.Place(point.place.values.moved(to: (over ?? StudyClaim.Place()).values))
      let below = overMeasure.flatMap { Measure(rawValue: $0) } ?? measure
      guard let top = point[measure]?.value, let other = points.first(where: { $0.place == place })?[below]?.value
      else {
        return nil
      }
      return top / other
    }
  }

  /// Of critical batches, which have all of an axis of batches behind them.
  fileprivate func values(_ critical: [CriticalBatch]) -> [Double] {
    critical.filter { of.values.without(.globalBatch).fits($0.values) }.compactMap { found in
      guard isRatio else { return Double(found.globalBatch) }
      let there = found.values.moved(to: (over ?? StudyClaim.Place()).values.without(.globalBatch))
      guard let below = critical.first(where: { $0.values == there }) else { return nil }
      return Double(found.globalBatch) / Double(below.globalBatch)
    }
  }

  static func fits(_ values: AxisValues, _ point: StudyPoint) -> Bool {
    values.fits(point.place.values) && (!point.isShared || values.scaling != nil)
  }

  private func bestValue(
    _ measure: Measure, _ judged: [StudyPoint], _ points: [StudyPoint], _ quality: JudgedQuality
  ) -> Double? {
    func best(_ points: [StudyPoint], _ values: AxisValues, _ measure: Measure) -> Double? {
      Self.best(points, values, quality)?[measure]?.value
    }
    guard let top = best(judged, of.values, measure) else { return nil }
    guard isRatio else { return top }
    let there = of.values.moved(to: (over ?? StudyClaim.Place()).values)
    let below = overMeasure.flatMap { Measure(rawValue: $0) } ?? measure
    return best(points, there, below).map { top / $0 }
  }

  /// Of the places that fit, the one whose quality is best; nil where none has one.
  static func best(_ points: [StudyPoint], _ values: AxisValues, _ quality: JudgedQuality) -> StudyPoint? {
    let known = points.filter { fits(values, $0) }.compactMap { point in
      point[quality.measure].map { (point: point, quality: $0.value) }
    }
    return known.max { quality.isBetter($1.quality, $0.quality) }?.point
  }

  private func ratio(_ figure: CallFigure, of curve: CallCurve, among curves: [CallCurve]) -> Double? {
    let (kind, below) = overMeasure.flatMap(Self.callFigure) ?? (curve.kind, figure)
    let there = curve.values.moved(to: (over ?? StudyClaim.Place()).ofCurve)
    let examples = over?.values.globalBatch ?? of.values.globalBatch
    guard let other = curves.first(where: { $0.kind == kind && $0.values == there }),
      let top = figure.value(of: curve, examples: of.values.globalBatch),
      let bottom = below.value(of: other, examples: examples)
    else { return nil }
    return top / bottom
  }
}

extension StudyClaim.Place {
  /// The values that tell curves of calls apart.
  fileprivate var ofCurve: AxisValues { values.ofExecution.without(.globalBatch, .ranks) }
}

extension CallCurve {
  fileprivate func fits(_ place: StudyClaim.Place) -> Bool { place.ofCurve.fits(values) }
}

extension StudyConfiguration {
  /// Before anything runs: every claim asks for something that exists.
  /// - Throws: `StudyError`, with the file and line.
  public func checkClaims() throws {
    for part in parts ?? [] { try part.study.checkClaims() }
    for claim in claims ?? [] {
      for name in [claim.quantity.measure, claim.quantity.overMeasure].compactMap({ $0 })
      where !StudyClaim.Quantity.isKnown(name) {
        let figures = CallCurve.Kind.allCases.map { kind in
          "\(kind.rawValue).(\(CallFigure.allCases.map(\.rawValue).joined(separator: ", ")))"
        }
        let goals = "goal.(\(GoalFigure.allCases.map(\.rawValue).joined(separator: ", ")))"
        throw StudyError(
          "\(claim.place): '\(name)' is not a measure: known are "
            + (Measure.allCases.map(\.rawValue) + figures + [goals, CriticalBatch.quantity]).joined(separator: ", "))
      }
      try checkGoal(claim)
      if let along = claim.quantity.along, (axes[along.axis] ?? []).count < 2 {
        throw StudyError(
          "\(claim.place): 'along: \(along.rawValue)' is a slope over several values, and axes.\(along.rawValue) has not two"
        )
      }
      if claim.isPaired, Measure(rawValue: claim.quantity.measure) == nil {
        throw StudyError(
          "\(claim.place): '\(claim.quantity.measure)' is of a fit, which no seed has alone: leave 'minus', 'along' and 'paired' out"
        )
      }
      if claim.quantity.measure == CriticalBatch.quantity, claim.best == true || claim.quantity.overMeasure != nil {
        throw StudyError(
          "\(claim.place): '\(CriticalBatch.quantity)' is of all batches together: leave 'best' and 'overMeasure' out")
      }
      if claim.best == true, Measure(rawValue: claim.quantity.measure) == nil {
        throw StudyError(
          "\(claim.place): '\(claim.quantity.measure)' is of a fit, of which none is the best: leave 'best' out"
        )
      }
      if let below = claim.quantity.overMeasure,
        (Measure(rawValue: below) == nil) != (Measure(rawValue: claim.quantity.measure) == nil)
      {
        throw StudyError(
          "\(claim.place): '\(claim.quantity.measure)' cannot be divided by '\(below)': one is of trials, the other of the "
            + "fit to call times; give two of a kind")
      }
    }
  }

  private func checkGoal(_ claim: StudyClaim) throws {
    let names = [claim.quantity.measure, claim.quantity.overMeasure].compactMap { $0 }
    let ofGoals = names.filter { GoalFigure(claim: $0) != nil }
    guard let name = ofGoals.first else { return }
    if target == nil { throw StudyError("\(claim.place): '\(name)' is of steps to a goal: state the study's 'target'") }
    if claim.quantity.of.values.globalBatch != nil || claim.quantity.over?.values.globalBatch != nil {
      throw StudyError("\(claim.place): '\(name)' is of all global batches together: leave 'globalBatch' out")
    }
  }
}
