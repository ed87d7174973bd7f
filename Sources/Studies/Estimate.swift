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
    let mean = Self.mean(of: values)
    self.mean = mean
    count = values.count
    guard values.count > 1 else { return }
    // Of figures so large that their squares are no numbers, by their size.
    let plain = Self.deviation(of: values, from: mean)
    let scale = values.map(abs).max() ?? 1
    standardDeviation =
      plain.isFinite ? plain : scale * Self.deviation(of: values.map { $0 / scale }, from: mean / scale)
  }

  private static func mean(of values: [Double]) -> Double {
    let sum = values.reduce(0, +)
    return sum.isFinite
      ? sum / Double(values.count) : values.reduce(0) { $0 + $1 / Double(values.count) }
  }

  private static func deviation(of values: [Double], from mean: Double) -> Double {
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }
}
