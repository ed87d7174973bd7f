import Buffers
import Kernels

/// The mean under a square window, each channel by itself, on images `[height, width, channels]`. Positions at the far
/// edges that no whole window reaches are left out.
public struct AveragePool: Layer {
  /// Height and width of the window, in positions.
  public let size: Int
  /// Positions from one window to the next, both ways.
  public let stride: Int

  /// - Parameter stride: nil means windows side by side.
  public init(_ size: Int, stride: Int? = nil) {
    self.size = size
    self.stride = stride ?? size
  }

  /// For people `averagePool1`; it learns nothing that would need names.
  public var kind: String { "averagePool" }

  /// `[⌊(height − size) / stride⌋ + 1, ⌊(width − size) / stride⌋ + 1, channels]`; throws `LayerError` where the input
  /// is no image, `size` or `stride` is below 1, or the window does not fit once.
  public func outputShape(for input: Shape) throws -> Shape { try window(on: input).output }

  /// None: a mean learns nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  /// A oneDNN average pooling for each number of rows; throws `LayerError` where the window does not fit.
  public func bind(_ binding: LayerBinding) throws -> any BoundLayer {
    BoundPooling(.average, try window(on: binding.input))
  }

  private func window(on input: Shape) throws -> Window {
    try Window("an average pool", input, kernel: size, stride: stride, padding: 0)
  }
}
