/// y = factor · u by ordinary least squares: a law of which nothing but the scale is open.
public struct ProportionalFit: Encodable, Equatable, Sendable {
  /// y where u is 1.
  public var factor: Double
  /// R² of y around its mean, so that it can stand beside a linear fit's; may be negative.
  public var rSquared: Double

  /// - Returns: nil where u is 0 throughout, or figures or their squares are no numbers.
  public init?(_ u: [Double], y: [Double]) {
    guard let factor = OriginFit.single(u, y: y) else { return nil }
    self.factor = factor
    rSquared = LinearFit.rSquared(y, zip(u, y).map { $1 - factor * $0 })
    guard factor.isFinite, rSquared.isFinite else { return nil }
  }

  /// y at a u.
  public func callAsFunction(_ u: Double) -> Double { factor * u }
}
