import Buffers
import Kernels

/// The mean under a square window, each channel by itself, on images `[height, width, channels]`. Positions at the far
/// edges that no whole window reaches are left out.
public struct AveragePool: Layer {
  public let size: Int
  public let stride: Int

  /// - Parameter stride: nil means windows side by side.
  public init(_ size: Int, stride: Int? = nil) {
    self.size = size
    self.stride = stride ?? size
  }

  public var kind: String { "averagePool" }

  public func outputShape(for input: Shape) throws -> Shape { try window(on: input).output }

  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  public func bind(_ binding: LayerBinding) throws -> any BoundLayer {
    BoundPooling(.average, try window(on: binding.input))
  }

  private func window(on input: Shape) throws -> Window {
    try Window("an average pool", input, kernel: size, stride: stride, padding: 0)
  }
}
