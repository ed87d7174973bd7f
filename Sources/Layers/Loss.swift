import Buffers

/// What a rank learns from one microbatch: sums, never means, so that any split adds up to the same whole.
public struct LossSums: Sendable {
  /// Sum over samples of the loss, in nats.
  public var loss: Double = 0
  public var correct: Int = 0
  public var samples: Int = 0

  public init() {}

  public static func += (sums: inout LossSums, more: LossSums) {
    sums.loss += more.loss
    sums.correct += more.correct
    sums.samples += more.samples
  }
}
