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

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "\(a.count) values beside \(b.count)")
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
