import Buffers
import Kernels

/// Cross-entropy of softmax scores, one per class: `[classes]` for a sample. The class with the highest score is the
/// prediction. Not for samples that belong to several classes at once.
public struct SoftmaxCrossEntropy: Loss {
  /// The loss has no settings: the number of classes is that of the scores.
  public init() {}

  /// Ends the model's summary: `softmax cross-entropy`.
  public var name: String { "softmax cross-entropy" }

  /// Throws `LayerError` unless a sample has at least 2 scores in one dimension.
  public func validate(outputs: Shape) throws {
    guard outputs.rank == 1, outputs.count > 1 else {
      throw LayerError("softmax cross-entropy needs scores [classes] with at least 2 classes, not \(outputs)")
    }
  }

  /// The probabilities that `backward` reads, `[maximumRows, classes]`.
  public func workingBytes(outputs: Shape, maximumRows: Int) -> Double {
    LayerExtent.bytes(rows: maximumRows, outputs.count)
  }

  /// Loss log Σ exp(scores) − score of the label, in nats; makes room for the probabilities.
  public func bind(outputs: Shape, maximumRows: Int) throws -> any BoundLoss {
    BoundSoftmaxCrossEntropy(classes: outputs.count, maximumRows: maximumRows)
  }
}

private final class BoundSoftmaxCrossEntropy: BoundLoss {
  private let classes: Int
  /// `[maximumRows, classes]`, from the last `forward`.
  private let probabilities: Tensor

  init(classes: Int, maximumRows: Int) {
    self.classes = classes
    probabilities = Tensor(Shape(maximumRows, classes))
  }

  func forward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass) -> LossSums {
    let used = probabilities.rows(labels.count)
    var results = used.buffer.mutableSpan
    guard pass.hasWeights else {
      let (loss, correct) = Softmax.crossEntropy(
        outputs.buffer.span, labels: labels.span, classes: classes, probabilities: &results)
      return LossSums(loss: loss, correct: correct, samples: labels.count)
    }
    let (loss, correct) = Softmax.crossEntropy(
      outputs.buffer.span, labels: labels.span, weights: pass.weights.span, classes: classes, probabilities: &results)
    return LossSums(loss: loss, correct: correct, weights: pass.weights)
  }

  func backward(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>, outputGradient: Tensor, _ pass: Pass) {
    var gradient = outputGradient.buffer.mutableSpan
    Softmax.crossEntropyGradient(
      probabilities: probabilities.rows(labels.count).buffer.span, labels: labels.span, classes: classes,
      factor: 1 / Float(pass.globalBatch), into: &gradient)
    if pass.hasWeights { SampleWeights.scale(&gradient, by: pass.weights.span) }
  }
}
