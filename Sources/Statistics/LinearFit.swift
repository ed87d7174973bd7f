/// y = intercept + slope · x by weighted least squares.
///
/// Standard errors as in Draper and Smith, Applied Regression Analysis, chapters 1 and 9.
public struct LinearFit: Encodable, Equatable, Sendable {
  /// y where x is 0.
  public var intercept: Double
  /// The gain of y with each x.
  public var slope: Double
  /// The share of y's variance that the line explains, each point counted alike, so that it can stand beside another fit's;
  /// 1 where y does not vary and the line is exact.
  public var rSquared: Double
  /// nil for two points, which any line fits.
  public var interceptError: Double?
  /// Standard error; nil for two points.
  public var slopeError: Double?
  /// Points.
  public var count: Int
  /// Where the line is known best: the points' weighted mean; not encoded.
  private var center: Double

  private enum CodingKeys: String, CodingKey { case intercept, slope, rSquared, interceptError, slopeError, count }

  /// Least Σ w (y − intercept − slope · x)². Standard errors are relative to the misses seen, so only the weights' ratios
  /// count.
  ///
  /// - Parameter weights: one a point, positive; nil weighs all alike (ordinary least squares).
  /// - Returns: nil for fewer than two different x, or figures that are not finite or whose squares are not, or weights that
  ///   are not positive.
  public init?(x: [Double], y: [Double], weights: [Double]? = nil) {
    precondition(x.count == y.count, "\(x.count) x for \(y.count) y")
    let weights = weights ?? [Double](repeating: 1, count: x.count)
    precondition(x.count == weights.count, "\(x.count) x for \(weights.count) weights")
    guard x.count >= 2, (x + y + weights).allSatisfy(\.isFinite), weights.allSatisfy({ $0 > 0 }) else { return nil }
    func sum(_ term: (Int) -> Double) -> Double { x.indices.reduce(0) { $0 + weights[$1] * term($1) } }
    let total = sum { _ in 1 }
    let (meanX, meanY) = (sum { x[$0] } / total, sum { y[$0] } / total)
    let sxx = sum { (x[$0] - meanX) * (x[$0] - meanX) }
    guard sxx > 0 else { return nil }
    let slope = sum { (x[$0] - meanX) * (y[$0] - meanY) } / sxx
    let intercept = meanY - slope * meanX
    let misses = x.indices.map { y[$0] - intercept - slope * x[$0] }
    self.slope = slope
    self.intercept = intercept
    rSquared = Self.rSquared(y, misses)
    count = x.count
    center = meanX
    if x.count > 2 {
      let variance = sum { misses[$0] * misses[$0] } / Double(x.count - 2)
      slopeError = (variance / sxx).squareRoot()
      interceptError = (variance * (1 / total + meanX * meanX / sxx)).squareRoot()
    }
    guard isFinite else { return nil }
  }

  /// The line with the least sum of squared *relative* misses: for figures over several decades whose errors grow with
  /// them, as times do. Without that, the largest would decide an intercept that only the smallest can tell.
  ///
  /// - Returns: nil for fewer than two different x, or figures that are not positive or whose squares are no numbers.
  public static func relative(x: [Double], y: [Double]) -> LinearFit? {
    // Where a plain fit has no numbers neither has the R² of this one.
    guard y.allSatisfy({ $0 > 0 }), LinearFit(x: x, y: y) != nil else { return nil }
    return LinearFit(x: x, y: y, weights: y.map { 1 / ($0 * $0) })
  }

  /// R² of y around a model that misses it so: 1 − Σ miss² ÷ Σ(y − mean)²; negative where the mean alone fits better.
  static func rSquared(_ y: [Double], _ misses: [Double]) -> Double {
    let total = y.squares(around: y.reduce(0, +) / Double(y.count))
    return total > 0 ? 1 - misses.squares(around: 0) / total : 1
  }

  /// False where the figures are so large or small that their squares are no numbers.
  private var isFinite: Bool {
    [intercept, slope, rSquared, interceptError ?? 0, slopeError ?? 0].allSatisfy(\.isFinite)
  }

  /// y at an x.
  public func callAsFunction(_ x: Double) -> Double { intercept + slope * x }

  /// Standard error of the line itself at an x; it grows with the distance from the points, on both sides.
  ///
  /// - Returns: nil for two points.
  public func standardError(at x: Double) -> Double? {
    guard let interceptError, let slopeError else { return nil }
    // The intercept is the line at a distance of the centre itself.
    let (distance, variance) = (x - center, slopeError * slopeError)
    return max(0, interceptError * interceptError + (distance * distance - center * center) * variance).squareRoot()
  }

  /// The part that does not grow with x, as a share of y there: intercept ÷ (intercept + slope · x).
  ///
  /// - Returns: nil where the intercept or the slope came out below 0, so that no share can be told.
  public func interceptShare(at x: Double) -> Double? {
    intercept < 0 || slope < 0 ? nil : intercept / self(x)
  }
}
