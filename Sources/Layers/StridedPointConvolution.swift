import Buffers
import Kernels

/// A convolution of kernel 1 and a stride above 1, as one of stride 1 on the positions that it looks at: oneDNN 2.6's own
/// writes beyond its memory where channels are not whole vectors.
final class BoundStridedPointConvolution: BoundLayer {
  private let subsampling: Subsampling
  private let inner: any BoundLayer
  /// The positions that are looked at, `[maximumRows, height', width', channels]`.
  private let positions: Tensor
  /// With respect to them; nil where nobody asks for it.
  private let gradient: Tensor?

  /// - Parameter inner: makes the convolution of stride 1 on memory.
  init(_ binding: LayerBinding, stride: Int, _ inner: (LayerBinding, Window) throws -> any BoundLayer) throws {
    subsampling = Subsampling(binding.input, stride: stride, channels: binding.input[2])
    let shape = subsampling.output.batched(binding.maximumRows)
    positions = Tensor(shape)
    gradient = binding.goesBackward && binding.needsInputGradient ? Tensor(shape) : nil
    let window = try Window(
      "a convolution", subsampling.output, kernel: 1, stride: 1, padding: 0, outputChannels: binding.output[2])
    self.inner = try inner(binding, window)
  }

  /// Bytes that `init` makes room for.
  static func workingBytes(_ extent: LayerExtent) -> Double {
    let positions = extent.output.count / extent.output[2] * extent.input[2]
    return extent.bytes(perRow: positions) * (extent.goesBackward && extent.needsInputGradient ? 2 : 1)
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    let positions = positions.rows(pass.rows)
    var values = positions.buffer.mutableSpan
    subsampling.forward(input.buffer.span, rows: pass.rows, into: &values)
    try inner.forward(positions, output, pass)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    let own = inputGradient == nil ? nil : gradient?.rows(pass.rows)
    try inner.backward(
      input: positions.rows(pass.rows), output: output, outputGradient: outputGradient, inputGradient: own, pass)
    guard let own, let inputGradient else { return }
    var values = inputGradient.buffer.mutableSpan
    subsampling.backward(own.buffer.span, rows: pass.rows, into: &values)
  }
}
