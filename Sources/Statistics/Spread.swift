/// A figure over ranks.
public struct Spread: Encodable, Equatable, Sendable {
  /// Over ranks, in the figure's unit, as the next two.
  public var minimum: Double
  /// The mean of the two in the middle where ranks are even in number.
  public var median: Double
  /// Over ranks.
  public var maximum: Double

  /// A spread of known figures, which rise.
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
