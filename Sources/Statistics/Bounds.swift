/// Where a figure is asked to lie; infinite ends ask nothing.
public struct Bounds: Equatable, Sendable {
  /// It belongs to them.
  public var lower: Double
  /// It belongs to them.
  public var upper: Double

  /// Nil asks nothing of that end.
  public init(atLeast lower: Double?, atMost upper: Double?) {
    self.lower = lower ?? -.infinity
    self.upper = upper ?? .infinity
  }

  /// Both ends belong to them.
  public func contains(_ value: Double) -> Bool { value >= lower && value <= upper }

  /// What an interval says of a figure that is asked to lie in these.
  ///
  /// - Parameters:
  ///   - interval: nil where nothing is known of chance.
  ///   - nothing: the figure where there is no effect: 0 of a difference, 1 of a ratio; nil where there is no such thing.
  public func verdict(_ interval: Interval?, nothing: Double?) -> Verdict {
    guard let interval else { return .undecided }
    if contains(interval.lower), contains(interval.upper) { return .shown }
    guard interval.upper < lower || interval.lower > upper else { return .undecided }
    guard let nothing else { return .notShown }
    let isBelow = lower >= nothing && interval.upper < nothing
    let isAbove = upper <= nothing && interval.lower > nothing
    return isBelow || isAbove ? .opposite : .notShown
  }

  /// What is shown of a criterion.
  public enum Verdict: String, Encodable, Sendable {
    /// The whole interval lies within the bounds.
    case shown
    /// The whole interval lies beyond them.
    case notShown
    /// The bounds ask for an effect in one direction, and the whole interval lies on the other side of no effect.
    case opposite
    /// The interval lies within and beyond them, or there are too few repetitions for one.
    case undecided
  }
}
