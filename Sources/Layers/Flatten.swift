import Buffers

/// Any shape seen as `[count]`. The numbers stay where they are.
public struct Flatten: Layer {
  /// The layer has no settings.
  public init() {}

  /// For people `flatten1`; it learns nothing that would need names.
  public var kind: String { "flatten" }
  /// True: a network sees its input as flat and runs nothing.
  public var isReshape: Bool { true }
  /// `[count]`, rows outermost as in the input.
  public func outputShape(for input: Shape) -> Shape { Shape(input.count) }
  /// None: a view learns nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  /// Copies, for callers that give input and output memory of their own.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundFlatten() }
}

/// For those who run the layer by itself, with separate memory for input and output.
private final class BoundFlatten: BoundLayer {
  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) { output.copy(from: input) }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    inputGradient?.copy(from: outputGradient)
  }
}
