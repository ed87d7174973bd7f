import Buffers

/// Any shape seen as `[count]`. The numbers stay where they are.
public struct Flatten: Layer {
  public init() {}

  public var kind: String { "flatten" }
  public var isReshape: Bool { true }
  public func outputShape(for input: Shape) -> Shape { Shape(input.count) }
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundFlatten() }
}

/// For those who run the layer by itself, with separate memory for input and output.
private final class BoundFlatten: BoundLayer {
  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) { output.copy(from: input) }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    inputGradient?.copy(from: outputGradient)
  }
}
