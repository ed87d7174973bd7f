import Buffers
import Kernels

/// The highest value under a square window, each channel by itself, on images `[height, width, channels]`. Positions at
/// the far edges that no whole window reaches are left out; what lies around the image counts for nothing.
public struct MaxPool: Layer {
  /// Height and width of the window, in positions.
  public let size: Int
  /// Positions from one window to the next, both ways.
  public let stride: Int
  /// Positions around the image, on each side, at which windows may begin and end; less than `size`.
  public let padding: Int

  /// - Parameter stride: nil means windows side by side.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
  }

  /// For people `maxPool1`; it learns nothing that would need names.
  public var kind: String { "maxPool" }

  /// `[⌊(height + 2 · padding − size) / stride⌋ + 1, …, channels]`; throws `LayerError` where the input is no image or
  /// the window does not fit once.
  public func outputShape(for input: Shape) throws -> Shape { try window(on: input).output }

  /// None: a maximum learns nothing.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }

  /// Where each maximum came from, in a byte.
  public func workingBytes(_ extent: LayerExtent) -> Double { extent.bytes(perRow: extent.output.count) / 4 }

  /// A oneDNN max pooling for each number of rows; throws `LayerError` where the window does not fit.
  public func bind(_ binding: LayerBinding) throws -> any BoundLayer {
    BoundPooling(.maximum, try window(on: binding.input))
  }

  /// Whether it takes images of this shape apart into 2×2 squares with nothing left over.
  func halves(_ input: Shape?) -> Bool {
    guard let input else { return false }
    return size == 2 && stride == 2 && padding == 0 && input[0] % 2 == 0 && input[1] % 2 == 0
  }

  private func window(on input: Shape) throws -> Window {
    try Window("a max pool", input, kernel: size, stride: stride, padding: padding)
  }
}
