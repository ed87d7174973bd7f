import Glibc

/// The normal distribution of mean 0 and variance 1.
public enum Normal {
  /// P(X ≤ x).
  public static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  /// The x with P(X ≤ x) = `share`, in 0 < share < 1.
  public static func quantile(_ share: Double) -> Double { inverse(of: cumulative, share) }
}

/// Student's distribution.
public struct StudentT: Sendable {
  /// More than 0, and not always whole (Welch).
  public var degrees: Double

  /// The distribution with so many degrees of freedom.
  public init(degrees: Double) { self.degrees = degrees }

  /// P(T ≤ t).
  public func cumulative(_ t: Double) -> Double { t < 0 ? tail(-t) : 1 - tail(t) }

  /// P(|T| ≥ |t|).
  public func twoSided(_ t: Double) -> Double { 2 * tail(abs(t)) }

  /// The t with P(T ≤ t) = `share`, in 0 < share < 1.
  public func quantile(_ share: Double) -> Double { inverse(of: cumulative, share) }

  /// P(T ≥ t) for t from 0.
  private func tail(_ t: Double) -> Double {
    let square = t * t
    // Near 0 by what lies between, or the square would be lost beside the degrees.
    if square < 1 { return (1 - IncompleteBeta.value(square / (degrees + square), 0.5, degrees / 2)) / 2 }
    return IncompleteBeta.value(degrees / (degrees + square), degrees / 2, 0.5) / 2
  }
}

/// Where a distribution around 0 reaches a share, by halving: as exact as the distribution itself.
private func inverse(of cumulative: (Double) -> Double, _ share: Double) -> Double {
  precondition(share > 0 && share < 1, "the quantile \(share)")
  // The upper half is mirrored, so that its shares do not lie close to 1, where numbers are coarse.
  if share == 0.5 { return 0 }
  if share > 0.5 { return -inverse(of: cumulative, 1 - share) }
  var (low, high) = (-1.0, 0.0)
  while cumulative(low) > share { low *= 2 }
  while true {
    let middle = (low + high) / 2
    guard low < middle, middle < high else { return middle }
    if cumulative(middle) < share { low = middle } else { high = middle }
  }
}
