/// Where a figure may lie.
public struct Interval: Equatable, Sendable {
  /// Its lower end, which belongs to it.
  public var lower: Double
  /// Its upper end, which belongs to it; infinite where nothing bounds it.
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

extension Interval: Encodable {
  private enum CodingKeys: String, CodingKey { case lower, upper, level }

  /// JSON has no word for an end that is infinite: it is left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(lower.isInfinite ? nil : lower, forKey: .lower)
    try container.encodeIfPresent(upper.isInfinite ? nil : upper, forKey: .upper)
    try container.encode(level, forKey: .level)
  }
}
