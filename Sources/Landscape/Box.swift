import Buffers

/// The points whose coordinates lie within ±`halfWidths` of 0, and where a search for a function's maximum in it begins.
public struct Box: Sendable {
  /// One a coordinate, none negative.
  public let halfWidths: [Double]

  /// A box around 0.
  public init(halfWidths: [Double]) { self.halfWidths = halfWidths }

  /// A place to begin, with the value and gradient there.
  struct Start {
    var point: [Double]
    var value: Double
    var gradient: [Double]
    /// Whether it is not the middle, whose gradient is 0: there every search would end at once, though a minimum, too, has
    /// a gradient of 0.
    var isDrawn: Bool
  }

  /// The middle; where the gradient is exactly 0 there, a point that the seed draws uniformly from the box.
  ///
  /// - Parameter middle: the function's value at 0.
  func start(_ function: some DifferentiableFunction, seed: UInt64) throws -> (start: Start, middle: Double) {
    let count = halfWidths.count
    var gradient = [Double](repeating: 0, count: count)
    let zero = [Double](repeating: 0, count: count)
    let middle = try function.value(at: zero, gradient: &gradient)
    guard middle.isFinite, gradient.allSatisfy({ $0 == 0 }) else {
      return (Start(point: zero, value: middle, gradient: gradient, isDrawn: false), middle)
    }
    let random = Philox(seed, Self.purpose)
    let drawn = halfWidths.indices.map { halfWidths[$0] * Double(2 * Philox.unit(random.block(UInt64($0), 0).x) - 1) }
    let value = try function.value(at: drawn, gradient: &gradient)
    return (Start(point: drawn, value: value, gradient: gradient, isDrawn: true), middle)
  }

  /// Like no other purpose's random numbers.
  private static let purpose: UInt64 = 0x626F_7853
}
