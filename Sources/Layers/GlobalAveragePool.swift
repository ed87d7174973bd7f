import Buffers
import Kernels

/// The mean of each channel over the whole image: from `[height, width, channels]` to `[channels]`.
public struct GlobalAveragePool: Layer {
  public init() {}

  public var kind: String { "globalAveragePool" }
  public var keepsOutputGradient: Bool { true }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 3, input.count > 0 else {
      throw LayerError("a global average pool needs images [height, width, channels], not \(input)")
    }
    return Shape(input[2])
  }

  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
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
