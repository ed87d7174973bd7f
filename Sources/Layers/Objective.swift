import Buffers

/// A model's loss on its memory: takes what the model put out, gives the gradient of that. It belongs to a step, not to a
/// network, so that a loss may see more than one network's outputs.
public final class Objective {
  private let loss: any BoundLoss
  /// `[maximumRows, …]`; nil where only evaluation is asked for.
  private let outputGradient: Tensor?

  /// - Parameters:
  ///   - maximumRows: the most rows that one call will bring.
  ///   - goesBackward: false makes no room for gradients.
  /// - Throws: `LayerError`.
  public init(_ model: Model, maximumRows: Int, goesBackward: Bool) throws {
    loss = try model.loss.bind(outputs: model.output, maximumRows: maximumRows)
    outputGradient = goesBackward ? Tensor(model.output.batched(maximumRows)) : nil
  }

  /// The loss, where it is one that must see a whole global batch before its first sums are asked for; else nil.
  public var ofWholeBatch: BoundNTXent? { loss as? BoundNTXent }

  /// The loss's sums over the rows.
  ///
  /// - Parameters:
  ///   - outputs: `[rows, …]`.
  ///   - labels: one a row, in 0..<classes.
  /// - Throws: the loss's error.
  public func sums(of outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) throws -> LossSums {
    precondition(labels.count == pass.rows, "\(labels.count) labels for \(pass.rows) samples")
    return try loss.forward(outputs, labels: labels, pass)
  }

  /// The gradient of the sum of weight × loss over the rows that the last `sums` saw, divided by `pass.globalBatch`, with
  /// respect to `outputs` and in their shape. Stays until the next call. Throws the loss's error.
  public func gradient(of outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) throws -> Tensor {
    guard let gradient = outputGradient?.rows(pass.rows) else {
      preconditionFailure("an objective without gradients cannot go backward")
    }
    try loss.backward(outputs, labels: labels, outputGradient: gradient, pass)
    return gradient
  }
}
