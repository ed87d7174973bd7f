/// What a search for a maximum found within its bounds, and what that took.
public struct Ascent: Equatable, Sendable {
  /// The function's value where the search began.
  public var start: Double
  /// The largest value that was seen, all points being within the bounds: at most the true maximum.
  public var maximum: Double
  /// Steps that were finished.
  public var iterations: Int
  /// Values and gradients that were computed, the first among them.
  public var evaluations: Int
  /// Why it ended before its last iteration; nil where it made all.
  public var end: End?

  /// Reasons to end early.
  public enum End: String, Codable, CaseIterable, Sendable {
    /// A value or gradient was not finite.
    case notFinite
    /// No direction leads up any more: the gradient is 0 or leads out of the bounds everywhere.
    case stationary
    /// The search along a direction found nothing better.
    case lineSearch
  }

  init(start: Double) {
    self.start = start
    (maximum, iterations, evaluations) = (start, 0, 1)
  }

  /// Notes a value that was computed; false where it is not finite, which ends the search.
  mutating func note(_ value: Double, gradient: [Double]) -> Bool {
    evaluations += 1
    guard value.isFinite, gradient.allSatisfy(\.isFinite) else {
      end = .notFinite
      return false
    }
    maximum = max(maximum, value)
    return true
  }
}
