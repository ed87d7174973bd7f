import Buffers
import Kernels

/// Every `stride`-th position of an image, with channels of zeros before and behind its own: from
/// `[height, width, channels]` to `[⌈height / stride⌉, ⌈width / stride⌉, channels']`. Learns nothing: the shortcut A of He
/// et al., "Deep Residual Learning for Image Recognition" (CVPR 2016), section 4.2.
public struct Subsample: Layer {
  public let stride: Int
  /// Of the output.
  public let channels: Int

  public init(stride: Int, channels: Int) {
    self.stride = stride
    self.channels = channels
  }

  public var kind: String { "subsample" }
  public var keepsOutputGradient: Bool { true }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 3 else { throw LayerError("a subsample needs images [height, width, channels], not \(input)") }
    guard stride > 0, channels >= input[2] else {
      throw LayerError("a subsample of stride \(stride) to \(channels) channels does not fit on \(input)")
    }
    return Subsampling(input, stride: stride, channels: channels).output
  }

  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  public func bind(_ binding: LayerBinding) -> any BoundLayer {
    BoundSubsample(Subsampling(binding.input, stride: stride, channels: channels))
  }
}

private final class BoundSubsample: BoundLayer {
  private let kernel: Subsampling

  init(_ kernel: Subsampling) { self.kernel = kernel }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var result = output.buffer.mutableSpan
    kernel.forward(input.buffer.span, rows: pass.rows, into: &result)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    var gradient = inputGradient.buffer.mutableSpan
    kernel.backward(outputGradient.buffer.span, rows: pass.rows, into: &gradient)
  }
}
