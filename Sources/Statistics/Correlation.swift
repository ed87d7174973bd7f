/// How far two figures go together.
public struct Correlation: Encodable, Equatable, Sendable {
  /// From −1 to 1.
  public var coefficient: Double
  /// Two-sided, from Student's distribution with n − 2 degrees of freedom: how often figures that have nothing to do with
  /// each other would go together so far. For Spearman's coefficient an approximation. nil for two pairs.
  public var pValue: Double?
  /// Number of pairs.
  public var count: Int

  /// Pearson's: along a straight line.
  ///
  /// - Returns: nil for fewer than two pairs, figures that are not finite, or one of them constant.
  public static func pearson(_ x: [Double], _ y: [Double]) -> Correlation? {
    precondition(x.count == y.count, "\(x.count) x for \(y.count) y")
    guard x.count >= 2, (x + y).allSatisfy(\.isFinite) else { return nil }
    let (meanX, meanY) = (x.mean, y.mean)
    let product = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let size = x.squares(around: meanX).squareRoot() * y.squares(around: meanY).squareRoot()
    guard size > 0, size.isFinite else { return nil }
    return Correlation(min(1, max(-1, product / size)), count: x.count)
  }

  /// Spearman's: of the ranks, so along any curve that only rises or only falls.
  ///
  /// - Returns: as `pearson`.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Correlation? {
    (x + y).allSatisfy(\.isFinite) ? pearson(x.ranks, y.ranks) : nil
  }

  private init(_ coefficient: Double, count: Int) {
    self.coefficient = coefficient
    self.count = count
    guard count > 2 else { return }
    let degrees = Double(count - 2)
    let rest = (1 - coefficient) * (1 + coefficient)
    pValue = rest > 0 ? StudentT(degrees: degrees).twoSided(coefficient * (degrees / rest).squareRoot()) : 0
  }
}
