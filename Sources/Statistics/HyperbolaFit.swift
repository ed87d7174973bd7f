import Glibc

/// Steps to a goal against the batch, S(B) = S_min · (1 + B_crit ÷ B): the same as (S ÷ S_min − 1)(E ÷ E_min − 1) = 1 with
/// E = S · B examples and B_crit = E_min ÷ S_min (McCandlish et al. 2018, "An empirical model of large-batch training", equations
/// 2.11 and 2.12). Fitted by least squares of log S, so that each batch's relative error weighs the same.
public struct HyperbolaFit: Encodable, Equatable, Sendable {
  /// Steps at a batch without end.
  public var leastSteps: Double
  /// The batch at which steps are twice the fewest, and so are examples.
  public var criticalBatch: Double
  /// Where 95 % of such intervals hold the true critical batch: those at which the fit is not told to be worse (profile of the
  /// squared misses, by Student's quantile). An end is 0 or infinite where the batches do not bound it.
  public var interval: Interval
  /// R² of log S.
  public var rSquared: Double
  /// Batches.
  public var count: Int

  /// Examples at a batch of nothing.
  public var leastExamples: Double { leastSteps * criticalBatch }

  /// Two numbers are fitted, and two more batches show how badly.
  public static let fewestPoints = 4
  /// How far beyond the batches, in logarithms, a critical batch is looked for: the curve is a straight line there.
  private static let margin = 12.0

  /// - Parameters:
  ///   - batches: in samples, each once.
  ///   - steps: to the goal, one a batch.
  /// - Returns: nil for fewer than four batches, figures that are not positive, or where all batches lie so far on one side of the
  ///   critical batch that it is not seen.
  public init?(batches: [Double], steps: [Double]) {
    precondition(batches.count == steps.count, "\(batches.count) batches for \(steps.count) numbers of steps")
    guard Set(batches).count >= Self.fewestPoints, (batches + steps).allSatisfy({ $0 > 0 && $0.isFinite }),
      let least = batches.min(), let most = batches.max()
    else { return nil }
    let profile = Profile(batches: batches, logSteps: steps.map { log($0) })
    let range = (log(least) - Self.margin)...(log(most) + Self.margin)
    guard let best = profile.minimum(in: range) else { return nil }
    let degrees = Double(batches.count - 2)
    let t = StudentT(degrees: degrees).quantile(0.975)
    let misses = profile.misses(best)
    // An exact curve has no error but rounding's.
    let allowed = max(misses * (1 + t * t / degrees), 1e-24)
    interval = Interval(
      lower: profile.crossing(allowed, from: best, to: range.lowerBound).map { exp($0) } ?? 0,
      upper: profile.crossing(allowed, from: best, to: range.upperBound).map { exp($0) } ?? .infinity, level: 0.95)
    leastSteps = exp(profile.logLeast(best))
    criticalBatch = exp(best)
    rSquared = LinearFit.rSquared(profile.logSteps, profile.residuals(best))
    count = batches.count
    guard leastSteps.isFinite, rSquared.isFinite, leastExamples.isFinite else { return nil }
  }

  /// Steps at a batch.
  public func callAsFunction(_ batch: Double) -> Double { leastSteps * (1 + criticalBatch / batch) }
}

/// The squared misses of the best curve with a given critical batch, whose logarithm is the only argument.
private struct Profile {
  let batches: [Double]
  let logSteps: [Double]

  /// log S − log(1 + B_crit ÷ B), which is log S_min for a curve without errors.
  private func levels(_ logCritical: Double) -> [Double] {
    zip(batches, logSteps).map { $1 - log1p(exp(logCritical) / $0) }
  }

  func logLeast(_ logCritical: Double) -> Double { levels(logCritical).mean }

  func residuals(_ logCritical: Double) -> [Double] {
    let levels = levels(logCritical)
    let mean = levels.mean
    return levels.map { $0 - mean }
  }

  func misses(_ logCritical: Double) -> Double { residuals(logCritical).squares(around: 0) }

  /// nil where it lies at an end: the curve is then a straight line.
  func minimum(in range: ClosedRange<Double>) -> Double? {
    let places = 600
    let step = (range.upperBound - range.lowerBound) / Double(places)
    let values = (0...places).map { misses(range.lowerBound + Double($0) * step) }
    guard let best = values.indices.min(by: { values[$0] < values[$1] }), best > 0, best < places else { return nil }
    var (low, high) = (range.lowerBound + Double(best - 1) * step, range.lowerBound + Double(best + 1) * step)
    // Thirds: between two neighbours of the least there is one dip.
    for _ in 0..<100 {
      let (left, right) = (low + (high - low) / 3, high - (high - low) / 3)
      if misses(left) <= misses(right) { high = right } else { low = left }
    }
    return (low + high) / 2
  }

  /// Where the misses first exceed what is allowed; nil where they do not before the end.
  func crossing(_ allowed: Double, from best: Double, to end: Double) -> Double? {
    let places = 600
    let step = (end - best) / Double(places)
    guard let first = (1...places).first(where: { misses(best + Double($0) * step) > allowed }) else { return nil }
    var (inside, outside) = (best + Double(first - 1) * step, best + Double(first) * step)
    for _ in 0..<60 {
      let middle = (inside + outside) / 2
      if misses(middle) > allowed { outside = middle } else { inside = middle }
    }
    return (inside + outside) / 2
  }
}
