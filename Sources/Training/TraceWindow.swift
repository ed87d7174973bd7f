import Foundation

/// The steps of a run that a trace shows.
public struct TraceWindow: Equatable, Sendable {
  /// From 1; both ends are shown.
  public let steps: ClosedRange<Int>

  /// Steps that are shown where nothing else is said, after some that prepare what later ones reuse.
  private static let usual = (warmUp: 5, steps: 10)
  /// Memory and files stay small.
  public static let most = 1000

  /// - Parameters:
  ///   - text: `10..20`, or one number; nil for ten from the sixth on, or the last ten of a shorter run.
  ///   - total: the run's steps.
  /// - Throws: `Failure`.
  public init(_ text: String?, of total: Int) throws {
    guard let text else {
      let first = max(1, min(Self.usual.warmUp + 1, total - Self.usual.steps + 1))
      steps = first...max(first, min(first + Self.usual.steps - 1, total))
      return
    }
    let ends = text.components(separatedBy: "..").map { Int($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], 1 <= first, first <= last
    else {
      throw Failure("--trace-steps is '\(text)', not two steps such as 10..20, the first not after the last, from 1")
    }
    guard last <= total else {
      throw Failure("--trace-steps is \(text), but the run has \(total) steps: give steps from 1 to \(total)")
    }
    guard last - first < Self.most else {
      throw Failure("--trace-steps \(text) are \(last - first + 1) steps: a trace holds \(Self.most) at most")
    }
    steps = first...last
  }

  /// For the user.
  public struct Failure: Error, CustomStringConvertible {
    /// A sentence, with the remedy.
    public let description: String

    init(_ description: String) { self.description = description }
  }
}
