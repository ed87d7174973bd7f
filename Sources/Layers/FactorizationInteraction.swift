import Buffers
import Kernels

/// The factorization machine's second-order term: one score, `[1]`, the sum of the dot products of all pairs of a sample's
/// embeddings. Rendle, "Factorization Machines" (ICDM 2010).
///
/// Reads the first `fields · width` columns of `[fields · width + …]`, as `Embedding` puts them out; learns nothing.
public struct FactorizationInteraction: Layer {
  /// Embeddings of a sample.
  public let fields: Int
  /// Floats of an embedding.
  public let width: Int

  /// The input begins with `fields` embeddings of `width` floats each.
  public init(fields: Int, width: Int) {
    self.fields = fields
    self.width = width
  }

  /// For people `factorizationInteraction1`; it learns nothing that would need names.
  public var kind: String { "factorizationInteraction" }
  /// True: its `backward` can add to the gradient of the embeddings.
  public var addsInputGradient: Bool { true }

  /// `[1]`; throws `LayerError` where the input is not flat or shorter than `fields · width`.
  public func outputShape(for input: Shape) throws -> Shape {
    guard fields > 0, width > 0, input.rank == 1, input.count >= fields * width else {
      throw LayerError("the interaction of \(fields) embeddings of \(width) floats does not fit on \(input)")
    }
    return Shape(1)
  }

  /// None: products of embeddings learn nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  /// The sum of each sample's embeddings, `[maximumRows, width]`.
  public func workingBytes(_ extent: LayerExtent) -> Double { extent.bytes(perRow: width) }

  /// Computes ½ Σ ((Σ v)² − Σ v²) over the `width` places (Rendle 2010) and keeps Σ v for `backward`.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundFactorizationInteraction(self, binding) }
}

private final class BoundFactorizationInteraction: BoundLayer, InputGradientAdding {
  private let layer: FactorizationInteraction
  /// Σ over fields of the last `forward`, `[maximumRows, width]`.
  private let sums: Tensor

  init(_ layer: FactorizationInteraction, _ binding: LayerBinding) {
    self.layer = layer
    sums = Tensor(Shape(binding.maximumRows, layer.width))
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var kept = sums.rows(pass.rows).buffer.mutableSpan
    var scores = output.buffer.mutableSpan
    FactorizationProducts.forward(
      input.buffer.span, fields: layer.fields, width: layer.width, sums: &kept, into: &scores)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    backward(input, outputGradient, inputGradient, adds: false, pass)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, addingTo inputGradient: Tensor, _ pass: Pass) {
    backward(input, outputGradient, inputGradient, adds: true, pass)
  }

  private func backward(
    _ input: Tensor, _ outputGradient: Tensor, _ inputGradient: Tensor, adds: Bool, _ pass: Pass
  ) {
    var result = inputGradient.buffer.mutableSpan
    FactorizationProducts.backward(
      input.buffer.span, fields: layer.fields, width: layer.width, sums: sums.rows(pass.rows).buffer.span,
      gradients: outputGradient.buffer.span, into: &result, adds: adds)
  }
}
