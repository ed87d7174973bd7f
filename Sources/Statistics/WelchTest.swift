/// Whether two means differ, for samples whose variances may differ too: Welch 1947, "The generalization of Student's
/// problem when several different population variances are involved".
public struct WelchTest: Encodable, Equatable, Sendable {
  /// The first mean − the second.
  public var difference: Double
  /// Standard error of the difference.
  public var standardError: Double
  /// After Welch and Satterthwaite; not always whole.
  public var degrees: Double
  /// difference ÷ standard error.
  public var t: Double
  /// Two-sided: how often samples of equal means would lie so far apart.
  public var pValue: Double

  /// - Returns: nil where a sample has fewer than two values, or neither varies.
  public init?(_ first: [Double], _ second: [Double]) {
    guard let a = Estimate(first), let b = Estimate(second), let errorA = a.standardError, let errorB = b.standardError
    else { return nil }
    let (squareA, squareB) = (errorA * errorA, errorB * errorB)
    guard squareA + squareB > 0 else { return nil }
    difference = a.mean - b.mean
    standardError = (squareA + squareB).squareRoot()
    let sum = squareA + squareB
    degrees = sum * sum / (squareA * squareA / Double(a.count - 1) + squareB * squareB / Double(b.count - 1))
    t = difference / standardError
    pValue = StudentT(degrees: degrees).twoSided(t)
  }

  /// Confidence interval of the difference.
  ///
  /// - Parameter level: in 0 < level < 1.
  public func interval(level: Double = 0.95) -> Interval {
    let reach = StudentT(degrees: degrees).quantile((1 + level) / 2) * standardError
    return Interval(lower: difference - reach, upper: difference + reach, level: level)
  }
}
