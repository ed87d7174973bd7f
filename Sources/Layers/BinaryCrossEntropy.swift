import Buffers
import Kernels

/// Cross-entropy of one score `[1]` a sample, whose logistic function is the probability of label 1; labels are 0 and 1.
/// A prediction is right where the score is above 0 just for label 1.
public struct BinaryCrossEntropy: Loss {
  /// The loss has no settings.
  public init() {}

  /// Ends the model's summary: `binary cross-entropy`.
  public var name: String { "binary cross-entropy" }

  /// Throws `LayerError` unless a sample has one score, `[1]`.
  public func validate(outputs: Shape) throws {
    guard outputs == Shape(1) else { throw LayerError("binary cross-entropy needs one score [1], not \(outputs)") }
  }

  /// Loss −log σ(±score) in nats; needs no memory of its own.
  public func bind(outputs: Shape, maximumRows: Int) throws -> any BoundLoss { BoundBinaryCrossEntropy() }
}

private final class BoundBinaryCrossEntropy: BoundLoss {
  func forward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) -> LossSums {
    guard pass.hasWeights else {
      let (loss, correct) = Logistic.crossEntropy(outputs.buffer.span, labels: labels.span)
      return LossSums(loss: loss, correct: correct, samples: labels.count)
    }
    let (loss, correct) = Logistic.crossEntropy(outputs.buffer.span, labels: labels.span, weights: pass.weights.span)
    return LossSums(loss: loss, correct: correct, weights: pass.weights)
  }

  func backward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, outputGradient: Tensor, _ pass: Pass) {
    var gradient = outputGradient.buffer.mutableSpan
    Logistic.crossEntropyGradient(
      outputs.buffer.span, labels: labels.span, factor: 1 / Float(pass.globalBatch), into: &gradient)
    if pass.hasWeights { SampleWeights.scale(&gradient, by: pass.weights.span) }
  }
}
