/// What it takes one rank to add two buffers, with nobody to talk to.
public struct ReductionTime: Equatable, Sendable {
  /// Of a buffer.
  public var bytes: Int
  /// Median of repetitions.
  public var seconds: Double

  /// Of one size.
  public init(bytes: Int, seconds: Double) {
    self.bytes = bytes
    self.seconds = seconds
  }
}
