import Statistics

/// What it takes one rank to add two buffers, with nobody to talk to.
public struct ReductionTime: Encodable, Equatable, Sendable {
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

extension [ReductionTime] {
  /// γ at a size: what more bytes add there, not what a call costs by itself; nil for too few.
  package func secondsPerByte(at bytes: Double) -> Double? {
    let sorted = sorted { $0.bytes < $1.bytes }
    let fit = PiecewiseFit(x: sorted.map { Double($0.bytes) }, y: sorted.map(\.seconds))
    return fit.flatMap { fit in fit.pieces.last { $0.from <= bytes }?.slope }
  }
}
