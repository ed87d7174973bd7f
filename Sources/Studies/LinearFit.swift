/// y = intercept + slope · x by ordinary least squares.
///
/// Standard errors as in Draper and Smith, Applied Regression Analysis, chapter 1.
public struct LinearFit: Encodable, Equatable, Sendable {
  public var intercept: Double
  public var slope: Double
  /// The share of y's variance that the line explains; 1 where y does not vary and the line is exact.
  public var rSquared: Double
  /// nil for two points, which any line fits.
  public var interceptError: Double?
  public var slopeError: Double?
  public var count: Int

  /// nil for fewer than two different x, or figures that are not finite or whose squares are not.
  public init?(x: [Double], y: [Double]) {
    precondition(x.count == y.count, "\(x.count) x for \(y.count) y")
    let n = Double(x.count)
    guard x.count >= 2, (x + y).allSatisfy(\.isFinite) else { return nil }
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let sxx = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let syy = y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
    let sxy = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    guard sxx > 0 else { return nil }
    let slope = sxy / sxx
    let intercept = meanY - slope * meanX
    let residual = zip(x, y).reduce(0) {
      let miss = $1.1 - intercept - slope * $1.0
      return $0 + miss * miss
    }
    self.slope = slope
    self.intercept = intercept
    rSquared = syy > 0 ? 1 - residual / syy : 1
    count = x.count
    guard isFinite else { return nil }
    guard x.count > 2 else { return }
    let variance = residual / (n - 2)
    slopeError = (variance / sxx).squareRoot()
    interceptError = (variance * (1 / n + meanX * meanX / sxx)).squareRoot()
    guard isFinite else { return nil }
  }

  /// False where the figures are so large or small that their squares are no numbers.
  private var isFinite: Bool {
    [intercept, slope, rSquared, interceptError ?? 0, slopeError ?? 0].allSatisfy(\.isFinite)
  }

  /// As above, but by the least sum of squared *relative* misses: for figures over several decades whose errors grow with
  /// them, as times do. Without that, the largest would decide an intercept that only the smallest can tell.
  ///
  /// R² is of the figures themselves, so that it can stand beside another fit's.
  /// - Returns: nil for fewer than two different x, or figures that are not positive.
  public static func relative(x: [Double], y: [Double]) -> LinearFit? {
    guard y.allSatisfy({ $0 > 0 }), var fit = LinearFit(x: x, y: y) else { return nil }
    let weights = y.map { 1 / ($0 * $0) }
    func sum(_ term: (Int) -> Double) -> Double { x.indices.reduce(0) { $0 + weights[$1] * term($1) } }
    let total = sum { _ in 1 }
    let (meanX, meanY) = (sum { x[$0] } / total, sum { y[$0] } / total)
    let sxx = sum { (x[$0] - meanX) * (x[$0] - meanX) }
    let slope = sum { (x[$0] - meanX) * (y[$0] - meanY) } / sxx
    let intercept = meanY - slope * meanX
    let plainMean = y.reduce(0, +) / Double(y.count)
    let spread = y.reduce(0) { $0 + ($1 - plainMean) * ($1 - plainMean) }
    func miss(_ index: Int) -> Double { y[index] - intercept - slope * x[index] }
    fit.slope = slope
    fit.intercept = intercept
    fit.rSquared = spread > 0 ? 1 - x.indices.reduce(0) { $0 + miss($1) * miss($1) } / spread : 1
    guard x.count > 2 else { return fit.isFinite ? fit : nil }
    let variance = sum { miss($0) * miss($0) } / Double(x.count - 2)
    fit.slopeError = (variance / sxx).squareRoot()
    fit.interceptError = (variance * (1 / total + meanX * meanX / sxx)).squareRoot()
    return fit.isFinite ? fit : nil
  }

  public func callAsFunction(_ x: Double) -> Double { intercept + slope * x }
}
