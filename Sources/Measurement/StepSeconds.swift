/// Where one rank's time went from the end of one step's exchange to the end of the next one's, in seconds: ranks leave
/// an exchange at about the same moment, so what they spend until they arrive at the next can be compared.
public struct StepSeconds: Equatable, Sendable {
  /// The parts, in the order in which they are kept.
  public enum Part: Int, CaseIterable, Sendable {
    /// The optimisers' pass of the step before.
    case update
    /// Between the two steps: progress, bookkeeping.
    case other
    /// Waiting for input.
    case load
    /// Forward and loss.
    case forward
    /// Backward, without what follows.
    case backward
    /// Within MPI during the backward pass.
    case messages
    /// After this rank's backward pass, until the last rank's was over.
    case wait
    /// From then until the sums were here.
    case wire

    /// In stored accounts.
    public var name: String { "\(self)" }
  }

  /// By `Part.rawValue`.
  private var parts: SIMD8<Float>

  /// No time at all.
  public static let zero = StepSeconds(parts: .zero)

  private init(parts: SIMD8<Float>) { self.parts = parts }

  /// All in seconds.
  public init(
    update: Float = 0, other: Float = 0, load: Float = 0, forward: Float = 0, backward: Float = 0, messages: Float = 0,
    wait: Float = 0, wire: Float = 0
  ) {
    parts = SIMD8(update, other, load, forward, backward, messages, wait, wire)
  }

  /// Seconds of one part.
  public subscript(part: Part) -> Float {
    get { parts[part.rawValue] }
    set { parts[part.rawValue] = newValue }
  }

  /// To be gathered over ranks and handed to `rows`.
  public var figures: [Float] { Part.allCases.map { self[$0] } }

  /// - Parameter figures: those of each row, one after the other.
  public static func rows(_ figures: [Float]) -> [StepSeconds] {
    let width = Part.allCases.count
    return (0..<figures.count / width).map { row in
      var seconds = zero
      for part in Part.allCases { seconds[part] = figures[row * width + part.rawValue] }
      return seconds
    }
  }

  /// Part by part.
  public static func += (sum: inout StepSeconds, more: StepSeconds) { sum.parts += more.parts }

  /// All parts.
  public var total: Double { Double(parts.sum()) }
  /// Until the rank had nothing left to do but wait: all but `wait` and `wire`.
  public var untilArrival: Double { Double(parts.sum() - self[.wait] - self[.wire]) }
}
