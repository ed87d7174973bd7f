import Buffers
import Kernels

/// The dot products of all pairs of a sample's vectors: `[vectors · width]` to `[vectors · (vectors − 1) / 2]`, the lower
/// triangle row by row. With `keepsLast` the last vector, as it is, comes before them. Naumov et al., "Deep Learning
/// Recommendation Model" (2019), where that vector is the bottom part's output and the others are embeddings.
public struct DotInteraction: Layer {
  /// Floats of a vector.
  public let width: Int
  /// True where the last vector comes, as it is, before the products.
  public let keepsLast: Bool

  /// The input is taken as vectors of `width` floats; `outputShape` refuses one that is not at least two of them.
  public init(width: Int, keepsLast: Bool) {
    self.width = width
    self.keepsLast = keepsLast
  }

  /// For people `dotInteraction1`; it learns nothing that would need names.
  public var kind: String { "dotInteraction" }

  /// `[pairs]`, or `[width + pairs]` with `keepsLast`; throws `LayerError` unless the input is flat and two vectors or
  /// more.
  public func outputShape(for input: Shape) throws -> Shape {
    guard width > 0, input.rank == 1, input.count % width == 0, input.count >= 2 * width else {
      throw LayerError("a dot interaction needs at least two vectors of \(width) floats, not \(input)")
    }
    return Shape(kernel(input).resultCount)
  }

  /// None: products of inputs learn nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  /// One sample's vectors, transposed and padded to whole registers; the same for any number of rows.
  public func workingBytes(_ extent: LayerExtent) -> Double {
    LayerExtent.bytes(rows: 1, kernel(extent.input).scratchCount)
  }

  /// Makes the scratch of one sample; v·w for each pair of its vectors.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundDotInteraction(kernel(binding.input)) }

  private func kernel(_ input: Shape) -> PairwiseDots {
    PairwiseDots(vectors: input.count / width, width: width, keepsLast: keepsLast)
  }
}

private final class BoundDotInteraction: BoundLayer {
  private let kernel: PairwiseDots
  private let scratch: Tensor

  init(_ kernel: PairwiseDots) {
    self.kernel = kernel
    scratch = Tensor(Shape(kernel.scratchCount))
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var room = scratch.buffer.mutableSpan
    var result = output.buffer.mutableSpan
    kernel.forward(input.buffer.span, scratch: &room, into: &result)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    var result = inputGradient.buffer.mutableSpan
    kernel.backward(input.buffer.span, gradients: outputGradient.buffer.span, into: &result)
  }
}
