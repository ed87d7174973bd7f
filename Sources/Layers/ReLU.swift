import Buffers
import Kernels

/// y = max(x, 0), any shape. After a dense, convolution or batch-norm layer it costs nothing: they do it on the way out.
public struct ReLU: Layer {
  /// The layer has no settings.
  public init() {}

  /// For people `relu1`; it learns nothing that would need names.
  public var kind: String { "relu" }
  /// The input's shape.
  public func outputShape(for input: Shape) -> Shape { input }
  /// None: a maximum with 0 learns nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  /// For a ReLU that no layer before it has taken over.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundReLU() }
}

private final class BoundReLU: BoundLayer {
  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var result = output.buffer.mutableSpan
    Rectifier.forward(input.buffer.span, into: &result)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    inputGradient.copy(from: outputGradient)
    var gradient = inputGradient.buffer.mutableSpan
    Rectifier.backward(output: output.buffer.span, gradient: &gradient)
  }
}
