import Buffers

/// Figures of one microbatch on one rank: sums, never means, so that any split adds up to the same whole.
public struct LossSums: Sendable {
  /// Sum over samples of weight × loss, in nats.
  public var loss: Double = 0
  /// Weight of the samples whose prediction was right: their number, where samples have no weights.
  public var correct: Double = 0
  /// Weight of the samples: their number, where they have no weights, which is exact up to 2⁵³.
  public var weight: Double = 0
  /// Samples that were summed over.
  public var samples: Int = 0

  /// The sums over no samples: zeros.
  public init() {}

  /// The sums over samples without weights.
  public init(loss: Double, correct: Int, samples: Int) {
    (self.loss, self.correct, self.weight, self.samples) = (loss, Double(correct), Double(samples), samples)
  }

  /// The sums over samples with these weights.
  public init(loss: Double, correct: Double, weights: UnsafeBufferPointer<Float>) {
    (self.loss, self.correct, self.samples) = (loss, correct, weights.count)
    weight = weights.reduce(0) { $0 + Double($1) }
  }

  /// The weighted mean of the loss, in nats; 0 where nothing weighs anything.
  public var meanLoss: Double { weight > 0 ? loss / weight : 0 }

  /// Adds the sums of other samples, in double precision, which is exact for counts.
  public static func += (sums: inout LossSums, more: LossSums) {
    sums.loss += more.loss
    sums.correct += more.correct
    sums.weight += more.weight
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
  /// Sums over the rows, each times its weight of `pass.weights`.
  func forward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) throws -> LossSums

  /// Writes the gradient of this microbatch's share of the global batch's mean loss, that is of the sum over its rows of
  /// weight × loss, divided by `pass.globalBatch`, so that microbatches and ranks simply add up. Uses what the last `forward`
  /// kept.
  func backward(
    _ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, outputGradient: Tensor, _ pass: Pass) throws
}
