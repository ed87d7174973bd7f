/// Notes what happens in a few steps, on memory that is taken before the first of them. Outside of these steps it notes
/// nothing and no clock is read for it. Used by the computing thread alone.
public final class TraceRecorder {
  /// What an event tells of.
  public enum Kind: UInt8, CaseIterable, Sendable {
    /// Load to update; `number` is 0.
    case step
    /// `number`: `Phase.rawValue`.
    case phase
    /// `number`: the network's step.
    case forward
    /// As `forward`: the whole way back, or its two halves.
    case backward, parameters, input
    /// The computing thread within MPI, between layers; `number` is 0.
    case messages
    /// From when a bucket was set off to when its sum was seen; `number`: the bucket.
    case bucket
    /// As `bucket`: the computing thread waits for it.
    case bucketWait
    /// Row-sparse gradients under way; `number` is 0.
    case tables
    /// The thread that moves messages on is at work; `number` is 0.
    case progressThread
  }

  /// Nanoseconds of this process's `MonotonicClock`.
  public struct Event: Equatable, Sendable {
    /// What it tells of.
    public var kind: Kind
    /// See `Kind`.
    public var number: Int
    /// Its begin.
    public var start: UInt64
    /// Its end.
    public var end: UInt64
    /// The step that it was noted in, from 1.
    public var step: Int

    /// All in the units above.
    public init(_ kind: Kind, _ number: Int, start: UInt64, end: UInt64, step: Int) {
      self.kind = kind
      self.number = number
      self.start = start
      self.end = end
      self.step = step
    }
  }

  /// From 1; both ends are noted.
  public let steps: ClosedRange<Int>
  /// In the order in which they ended.
  public private(set) var events: [Event] = []
  /// Events for which no memory was left.
  public private(set) var lost = 0
  /// Whether the present step is one of `steps`.
  public private(set) var isOn = false
  private let capacity: Int
  private var step = 0

  /// - Parameters:
  ///   - steps: from 1.
  ///   - capacity: room for so many events.
  public init(steps: ClosedRange<Int>, capacity: Int) {
    self.steps = steps
    self.capacity = capacity
    events.reserveCapacity(capacity)
  }

  /// What follows belongs to this step, evaluation after it included.
  public func begin(step: Int) {
    self.step = step
    isOn = steps.contains(step)
  }

  /// Notes an event, if it is one of the steps.
  public func note(_ kind: Kind, _ number: Int, from start: UInt64, to end: UInt64) {
    guard isOn else { return }
    guard events.count < capacity else {
      lost += 1
      return
    }
    events.append(Event(kind, number, start: start, end: max(start, end), step: step))
  }
}
