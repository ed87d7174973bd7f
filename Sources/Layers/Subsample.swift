import Buffers
import Kernels

/// Every `stride`-th position of an image, with channels of zeros before and behind its own: from
/// `[height, width, channels]` to `[⌈height / stride⌉, ⌈width / stride⌉, channels']`. Learns nothing: the shortcut A of He
/// et al., "Deep Residual Learning for Image Recognition" (CVPR 2016), section 4.2.
public struct Subsample: Layer {
  /// Positions from one kept position to the next, both ways.
  public let stride: Int
  /// Channels of the output.
  public let channels: Int

  /// `outputShape` refuses a stride below 1 and fewer channels than the input has.
  public init(stride: Int, channels: Int) {
    self.stride = stride
    self.channels = channels
  }

  /// For people `subsample1`; it learns nothing that would need names.
  public var kind: String { "subsample" }
  /// True: `backward` only reads `outputGradient`.
  public var keepsOutputGradient: Bool { true }

  /// `[⌈height / stride⌉, ⌈width / stride⌉, channels]`; throws `LayerError` where the input is no image or has more
  /// channels.
  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 3 else { throw LayerError("a subsample needs images [height, width, channels], not \(input)") }
    guard stride > 0, channels >= input[2] else {
      throw LayerError("a subsample of stride \(stride) to \(channels) channels does not fit on \(input)")
    }
    return Subsampling(input, stride: stride, channels: channels).output
  }

  /// None: zeros and copies learn nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  /// Copies kept positions forward and their gradients backward; needs no memory of its own.
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
