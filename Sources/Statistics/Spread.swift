/// A figure over ranks.
public struct Spread: Encodable, Equatable, Sendable {
  public var minimum: Double
  public var median: Double
  public var maximum: Double

  public init(minimum: Double, median: Double, maximum: Double) {
    self.minimum = minimum
    self.median = median
    self.maximum = maximum
  }

  /// - Parameter values: one figure a rank; at least one.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "a spread of no values")
    let sorted = values.sorted()
    minimum = sorted[0]
    median = sorted.sortedQuantile(0.5)
    maximum = sorted[sorted.count - 1]
  }
}
