import Foundation

/// y = factor · x^exponent, a straight line through the logarithms.
public struct PowerFit: Encodable, Equatable, Sendable {
  public var factor: Double
  public var exponent: Double
  /// Of y itself, not of its logarithm, so that it can stand beside a linear fit's; may be negative.
  public var rSquared: Double
  /// nil for two points.
  public var exponentError: Double?

  /// nil for fewer than two different x, or figures that are not positive or whose squares are no numbers.
  public init?(x: [Double], y: [Double]) {
    guard (x + y).allSatisfy({ $0 > 0 }), let line = LinearFit(x: x.map { log($0) }, y: y.map { log($0) }) else {
      return nil
    }
    factor = exp(line.intercept)
    exponent = line.slope
    exponentError = line.slopeError
    let mean = y.reduce(0, +) / Double(y.count)
    let total = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let (factor, exponent) = (factor, exponent)
    let residual = zip(x, y).reduce(0) {
      let miss = $1.1 - factor * pow($1.0, exponent)
      return $0 + miss * miss
    }
    rSquared = total > 0 ? 1 - residual / total : 1
    guard factor.isFinite, rSquared.isFinite else { return nil }
  }

  public func callAsFunction(_ x: Double) -> Double { factor * pow(x, exponent) }
}
