/// A figure over repetitions (seeds).
public struct Estimate: Encodable, Equatable, Sendable {
  public var mean: Double
  /// With n − 1; nil for a single value, which says nothing about its spread.
  public var standardDeviation: Double?
  /// How many values.
  public var count: Int

  /// nil for no values.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    count = values.count
    guard values.count > 1 else { return }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = (squares / Double(values.count - 1)).squareRoot()
  }
}
