/// How far repetitions of one thing lie from each other, where each of several things was repeated a few times: one standard
/// deviation for all, as in an analysis of variance, known better than that of any of them.
public struct PooledSpread: Encodable, Equatable, Sendable {
  /// Over repetitions, in the values' unit.
  public var deviation: Double
  /// Repetitions beyond each thing's first.
  public var degrees: Int

  /// - Parameter groups: of each thing its repetitions, finite.
  /// - Returns: nil where nothing was repeated.
  public init?(_ groups: [[Double]]) {
    let repeated = groups.filter { $0.count > 1 }
    degrees = repeated.reduce(0) { $0 + $1.count - 1 }
    guard degrees > 0 else { return nil }
    let squares = repeated.reduce(0) { $0 + $1.squares(around: $1.mean) }
    deviation = (squares / Double(degrees)).squareRoot()
  }

  /// Student's interval of the second mean − the first, of so many repetitions each.
  ///
  /// - Parameter level: in 0 < level < 1.
  public func interval(ofDifference difference: Double, _ first: Int, _ second: Int, level: Double = 0.95) -> Interval {
    let error = deviation * (1 / Double(first) + 1 / Double(second)).squareRoot()
    let reach = StudentT(degrees: Double(degrees)).quantile((1 + level) / 2) * error
    return Interval(lower: difference - reach, upper: difference + reach, level: level)
  }
}
