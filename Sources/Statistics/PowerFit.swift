import Glibc

/// y = factor · x^exponent, a straight line through the logarithms.
public struct PowerFit: Encodable, Equatable, Sendable {
  /// y where x is 1.
  public var factor: Double
  /// The power of x.
  public var exponent: Double
  /// R² of y itself, not of its logarithm, so that it can stand beside a linear fit's; may be negative.
  public var rSquared: Double
  /// nil for two points.
  public var exponentError: Double?

  /// - Returns: nil for fewer than two different x, or figures that are not positive or whose squares are no numbers.
  public init?(x: [Double], y: [Double]) {
    guard (x + y).allSatisfy({ $0 > 0 }), let line = LinearFit(x: x.map { log($0) }, y: y.map { log($0) }) else {
      return nil
    }
    let (factor, exponent) = (exp(line.intercept), line.slope)
    self.factor = factor
    self.exponent = exponent
    exponentError = line.slopeError
    rSquared = LinearFit.rSquared(y, zip(x, y).map { $1 - factor * pow($0, exponent) })
    guard factor.isFinite, rSquared.isFinite else { return nil }
  }

  /// y at an x.
  public func callAsFunction(_ x: Double) -> Double { factor * pow(x, exponent) }
}
