import Buffers

/// Figures of one microbatch on one rank: sums, never means, so that any split adds up to the same whole.
public struct LossSums: Sendable {
  /// Sum over samples of the loss, in nats.
  public var loss: Double = 0
  /// Samples whose prediction was right.
  public var correct: Int = 0
  /// Samples that were summed over.
  public var samples: Int = 0

  /// The sums over no samples: zeros.
  public init() {}

  /// Adds the sums of other samples, counts exactly and the loss in double precision.
  public static func += (sums: inout LossSums, more: LossSums) {
    sums.loss += more.loss
    sums.correct += more.correct
    sums.samples += more.samples
  }
}

/// The quantity that training makes small, described as a plain value; `bind` gives it its memory.
public protocol Loss: Sendable {
  /// For people.
  var name: String { get }

  /// - Parameter outputs: the shape of the model's output for one sample. Throws `LayerError` where it does not fit.
  func validate(outputs: Shape) throws

  func bind(outputs: Shape, maximumRows: Int) throws -> any BoundLoss

  /// Bytes that `bind` makes room for.
  func workingBytes(outputs: Shape, maximumRows: Int) -> Double
}

extension Loss {
  /// 0 unless a loss says otherwise: it keeps nothing.
  public func workingBytes(outputs: Shape, maximumRows: Int) -> Double { 0 }
}

/// A loss on its memory; outputs come as `[rows, …]`.
public protocol BoundLoss: AnyObject {
  /// Sums over the rows.
  func forward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) throws -> LossSums

  /// Writes the gradient of this microbatch's share of the global batch's mean loss, that is of the sum over its rows
  /// divided by `pass.globalBatch`, so that microbatches and ranks simply add up. Uses what the last `forward` kept.
  func backward(
    _ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, outputGradient: Tensor, _ pass: Pass) throws
}
