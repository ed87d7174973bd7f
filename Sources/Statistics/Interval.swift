/// Where a figure may lie.
public struct Interval: Encodable, Equatable, Sendable {
  /// Its lower end, which belongs to it.
  public var lower: Double
  /// Its upper end, which belongs to it.
  public var upper: Double
  /// The share of intervals made in this way that hold the true figure: 0.95.
  public var level: Double

  /// Between two ends.
  public init(lower: Double, upper: Double, level: Double) {
    self.lower = lower
    self.upper = upper
    self.level = level
  }

  /// Both ends belong to it.
  public func contains(_ value: Double) -> Bool { value >= lower && value <= upper }
}
