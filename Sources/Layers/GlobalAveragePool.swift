import Buffers
import Kernels

/// The mean of each channel over the whole image: from `[height, width, channels]` to `[channels]`.
public struct GlobalAveragePool: Layer {
  /// The window is the whole image: there are no settings.
  public init() {}

  /// For people `globalAveragePool1`; it learns nothing that would need names.
  public var kind: String { "globalAveragePool" }
  /// True: `backward` only reads `outputGradient`.
  public var keepsOutputGradient: Bool { true }

  /// `[channels]`; throws `LayerError` where the input is no image or has no positions.
  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 3, input.count > 0 else {
      throw LayerError("a global average pool needs images [height, width, channels], not \(input)")
    }
    return Shape(input[2])
  }

  /// None: a mean learns nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  /// Needs no memory of its own.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundGlobalAveragePool(channels: binding.output.count) }
}

private final class BoundGlobalAveragePool: BoundLayer {
  private let channels: Int

  init(channels: Int) { self.channels = channels }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var means = output.buffer.mutableSpan
    ChannelMeans.forward(input.buffer.span, rows: pass.rows, channels: channels, into: &means)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    var gradient = inputGradient.buffer.mutableSpan
    ChannelMeans.backward(outputGradient.buffer.span, rows: pass.rows, channels: channels, into: &gradient)
  }
}
