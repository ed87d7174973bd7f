import Glibc

/// Whether the mean over repetitions lies within bounds that were set before: Student's interval, and a one-sided test of each
/// bound. Repetitions are pairs where the figure is a difference or a ratio, so that what both sides share falls out.
public struct BoundsTest: Encodable, Equatable, Sendable {
  /// Of ratios the geometric mean; of shares the share of the means.
  public var mean: Double
  /// Where 95 % of such intervals hold the true mean; nil for fewer than two repetitions.
  public var interval: Interval?
  /// How often repetitions would come out so far within the bounds if the true mean lay just beyond them, at the bound that is
  /// nearer to it (two one-sided tests); nil for fewer than two.
  public var pValue: Double?
  /// How many.
  public var count: Int
  /// Those that lie within the bounds by themselves.
  public var inside: Int
  /// What the interval says.
  public var verdict: Bounds.Verdict

  /// Of figures, or of differences.
  ///
  /// - Parameter nothing: the figure where there is no effect; nil where there is no such thing.
  /// - Returns: nil for no values, or values that are not finite.
  public init?(_ values: [Double], _ bounds: Bounds, nothing: Double?) {
    guard values.allSatisfy(\.isFinite), let estimate = Estimate(values), estimate.mean.isFinite else { return nil }
    let own = estimate.interval()
    self.init(
      mean: estimate.mean, interval: own, values.filter(bounds.contains).count, of: values.count, bounds, nothing,
      above: { bound in values.map { $0 - bound } })
  }

  /// Of ratios, by their logarithms.
  ///
  /// - Returns: nil for no values, or values that are not positive and finite.
  public init?(ratios: [Double], _ bounds: Bounds) {
    let logs = ratios.map { log($0) }
    guard logs.allSatisfy(\.isFinite), let estimate = Estimate(logs) else { return nil }
    let interval = estimate.interval().map { Interval(lower: exp($0.lower), upper: exp($0.upper), level: $0.level) }
    self.init(
      mean: exp(estimate.mean), interval: interval, ratios.filter(bounds.contains).count, of: ratios.count, bounds, 1,
      above: { bound in logs.map { $0 - log(max(bound, 0)) } })
  }

  /// Of the mean of `parts` as a share of the mean of `wholes`, each pair a repetition: Fieller 1954, "Some problems in interval
  /// estimation". Shares of single pairs have no mean where a whole may come near 0; their means' share has.
  ///
  /// - Returns: nil for no pairs, or figures that are not finite. The interval is nil where the mean whole is not told from 0:
  ///   then no share of it is known.
  public init?(parts: [Double], of wholes: [Double], _ bounds: Bounds) {
    precondition(parts.count == wholes.count, "\(parts.count) parts of \(wholes.count) wholes")
    guard (parts + wholes).allSatisfy(\.isFinite), !parts.isEmpty else { return nil }
    let mean = parts.mean / wholes.mean
    guard mean.isFinite else { return nil }
    let sign = wholes.mean < 0 ? -1.0 : 1
    let inside = zip(parts, wholes).filter { bounds.contains($0 / $1) }.count
    let interval = Self.fieller(parts, wholes)
    self.init(
      mean: mean, interval: interval, inside, of: parts.count, bounds, 0,
      above: { bound in zip(parts, wholes).map { sign * ($0 - bound * $1) } })
    // Where the whole is not told from 0, a bound's test says nothing of a share.
    if interval == nil { pValue = nil }
  }

  /// - Parameter above: what lies above 0 in the mean where the figure lies above a bound.
  private init(
    mean: Double, interval: Interval?, _ inside: Int, of count: Int, _ bounds: Bounds, _ nothing: Double?,
    above: (Double) -> [Double]
  ) {
    let isKnown = interval.map { $0.lower.isFinite && $0.upper.isFinite } ?? false
    self.mean = mean
    self.interval = isKnown ? interval : nil
    self.count = count
    self.inside = inside
    verdict = bounds.verdict(self.interval, nothing: nothing)
    let chances = [
      bounds.lower.isFinite ? Self.chance(above(bounds.lower)) : 0,
      bounds.upper.isFinite ? Self.chance(above(bounds.upper).map { -$0 }) : 0,
    ]
    pValue = chances.contains(nil) ? nil : chances.compactMap { $0 }.max()
  }

  /// How often values of mean 0 would have a mean at least so far above it (Student's one-sided test); nil for fewer than two.
  private static func chance(_ values: [Double]) -> Double? {
    guard let estimate = Estimate(values), let error = estimate.standardError else { return nil }
    if error == 0 { return estimate.mean >= 0 ? 0 : 1 }
    let chance = StudentT(degrees: Double(values.count - 1)).cumulative(-estimate.mean / error)
    return chance.isFinite ? chance : nil
  }

  /// The shares θ whose parts − θ · wholes are not told from 0: between the roots of a parabola.
  private static func fieller(_ parts: [Double], _ wholes: [Double]) -> Interval? {
    let count = Double(parts.count)
    guard count > 1 else { return nil }
    let (part, whole) = (parts.mean, wholes.mean)
    let each = count * (count - 1)
    let covariance = zip(parts, wholes).reduce(0) { $0 + ($1.0 - part) * ($1.1 - whole) } / each
    let t = StudentT(degrees: count - 1).quantile(0.975)
    let a = whole * whole - t * t * wholes.squares(around: whole) / each
    let b = part * whole - t * t * covariance
    let c = part * part - t * t * parts.squares(around: part) / each
    guard a > 0 else { return nil }
    let root = max(0, b * b - a * c).squareRoot()
    let (lower, upper) = ((b - root) / a, (b + root) / a)
    return lower.isFinite && upper.isFinite ? Interval(lower: lower, upper: upper, level: 0.95) : nil
  }
}
