/// Gunther's universal scalability law, S(n) = n ÷ (1 + σ(n − 1) + κn(n − 1)): contention σ bounds the speed-up, coherency κ (each
/// talks to each) turns it back.
public struct ScalabilityFit: Encodable, Equatable, Sendable {
  /// σ, at least 0: the share of the work that waits for its turn.
  public var contention: Double
  /// κ, at least 0: what each pair costs, as a share of the work.
  public var coherency: Double
  /// The largest distance of a measured speed-up from the law's, as a share of the law's.
  public var largestMiss: Double

  /// Points of which a fit of two numbers says something; the one at n = 1 counts.
  public static let fewestPoints = 6

  /// By least squares of n ÷ S relative to itself, so that each point's relative error weighs the same.
  ///
  /// - Parameter speedUps: by n, the first of which is 1.
  /// - Returns: nil for fewer than six points, or speed-ups that are no positive numbers.
  public init?(_ speedUps: [(count: Double, speedUp: Double)]) {
    let points = speedUps.filter { $0.count > 1 }
    guard points.count + 1 >= Self.fewestPoints, speedUps.count > points.count,
      points.allSatisfy({ $0.speedUp > 0 && $0.speedUp.isFinite && $0.count.isFinite })
    else { return nil }
    let shares = points.map { $0.speedUp / $0.count }
    let fit = OriginFit.nonNegative(
      zip(points, shares).map { ($0.count - 1) * $1 }, zip(points, shares).map { $0.count * ($0.count - 1) * $1 },
      y: shares.map { 1 - $0 })
    guard let fit else { return nil }
    contention = fit.first
    coherency = fit.second
    largestMiss = 0
    largestMiss = points.map { abs($0.speedUp / self($0.count) - 1) }.max() ?? 0
    guard largestMiss.isFinite else { return nil }
  }

  /// The law's speed-up.
  public func callAsFunction(_ count: Double) -> Double {
    count / (1 + contention * (count - 1) + coherency * count * (count - 1))
  }

  /// √((1 − σ) ÷ κ), beyond which more are slower; nil where the law knows none.
  public var peak: Double? {
    guard coherency > 0, contention < 1 else { return nil }
    return ((1 - contention) / coherency).squareRoot()
  }
}
