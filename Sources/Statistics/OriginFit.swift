/// y = first · u + second · v through the origin, by ordinary least squares.
public struct OriginFit: Equatable, Sendable {
  /// Coefficient of u.
  public var first: Double
  /// Coefficient of v.
  public var second: Double

  /// - Returns: nil where u and v are as good as multiples of each other, so that their parts cannot be told apart.
  public init?(_ u: [Double], _ v: [Double], y: [Double]) {
    let (uu, vv, uv) = (Self.product(u, u), Self.product(v, v), Self.product(u, v))
    let determinant = uu * vv - uv * uv
    guard determinant > 1e-9 * uu * vv else { return nil }
    first = (Self.product(u, y) * vv - Self.product(v, y) * uv) / determinant
    second = (Self.product(v, y) * uu - Self.product(u, y) * uv) / determinant
  }

  /// The c of y = c · u; nil where u is 0 throughout.
  public static func single(_ u: [Double], y: [Double]) -> Double? {
    let square = product(u, u)
    return square > 0 ? product(u, y) / square : nil
  }

  /// With coefficients that are not negative, by least squares among those. Where u and v are as good as multiples of each
  /// other, all is v's.
  ///
  /// - Returns: nil where both are 0 throughout, or figures or their squares are no numbers.
  public static func nonNegative(_ u: [Double], _ v: [Double], y: [Double]) -> OriginFit? {
    let both = OriginFit(u, v, y: y)
    if let both, both.first >= 0, both.second >= 0 { return both.ifFinite }
    guard y.allSatisfy(\.isFinite) else { return nil }
    let (first, second) = (single(u, y: y), single(v, y: y))
    let alone = [
      second.map { OriginFit(first: 0, second: max(0, $0)) },
      both == nil && second != nil ? nil : first.map { OriginFit(first: max(0, $0), second: 0) },
    ].compactMap { $0?.ifFinite }
    return alone.min { $0.misses(u, v, y) < $1.misses(u, v, y) }
  }

  private init(first: Double, second: Double) {
    self.first = first
    self.second = second
  }

  private var ifFinite: OriginFit? { first.isFinite && second.isFinite ? self : nil }

  /// The sum of their squares.
  private func misses(_ u: [Double], _ v: [Double], _ y: [Double]) -> Double {
    y.indices.reduce(0) { sum, index in
      let miss = y[index] - first * u[index] - second * v[index]
      return sum + miss * miss
    }
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "\(a.count) values beside \(b.count)")
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
