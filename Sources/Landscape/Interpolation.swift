import Configuration
import Foundation

/// A way from one point to another and beyond: f(a x₁ + b x₂) at places α, x₂ being at 0 and x₁ at 1.
public struct Interpolation: Equatable, Sendable {
  /// Straight or curved.
  public typealias Path = InterpolationPath

  /// The shape of the way.
  public var path: Path
  /// Places along it, at least two.
  public var places: Int

  /// The ends of the way, which are Keskar's: a way's length beyond either point.
  public static let range = -1.0...2.0

  /// 25 places are the paper's.
  public init(_ path: Path, places: Int = 25) {
    precondition(places > 1, "a way of \(places) places")
    self.path = path
    self.places = places
  }

  /// At equal distances.
  public var alphas: [Double] {
    let (low, length) = (Self.range.lowerBound, Self.range.upperBound - Self.range.lowerBound)
    return (0..<places).map { low + length * Double($0) / Double(places - 1) }
  }

  /// The factors of x₁ and x₂.
  public func factors(_ alpha: Double) -> (first: Double, second: Double) {
    switch path {
    case .straight: (alpha, 1 - alpha)
    case .curved: (sin(alpha * .pi / 2), cos(alpha * .pi / 2))
    }
  }
}
