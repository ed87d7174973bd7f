/// Where a figure may lie.
public struct Interval: Encodable, Equatable, Sendable {
  public var lower: Double
  public var upper: Double
  /// The share of intervals made in this way that hold the true figure: 0.95.
  public var level: Double

  public init(lower: Double, upper: Double, level: Double) {
    self.lower = lower
    self.upper = upper
    self.level = level
  }

  /// Both ends belong to it.
  public func contains(_ value: Double) -> Bool { value >= lower && value <= upper }
}
