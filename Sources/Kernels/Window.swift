import Buffers
import COneDNN

/// A square window that moves over an image `[height, width, channels]`: convolution and pooling.
public struct Window: Hashable, Sendable {
  /// One image's shape, `[height, width, channels]`.
  public let input: Shape
  /// One result's shape, `[height', width', output channels]`.
  public let output: Shape
  /// Height and width of the window, in positions.
  public let kernel: Int
  /// Positions from one window to the next, both ways.
  public let stride: Int
  /// Zeros (or nothing, for pooling) around the image, on each side.
  public let padding: Int

  /// - Parameter outputChannels: nil means as many as come in.
  ///
  /// Gives nil where the window does not fit into the padded image even once.
  public init?(_ input: Shape, kernel: Int, stride: Int, padding: Int, outputChannels: Int? = nil) {
    guard input.rank == 3, kernel > 0, stride > 0, padding >= 0, padding < kernel else { return nil }
    let height = input[0] + 2 * padding - kernel
    let width = input[1] + 2 * padding - kernel
    guard height >= 0, width >= 0 else { return nil }
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    output = Shape(height / stride + 1, width / stride + 1, outputChannels ?? input[2])
  }

  /// Shape of a convolution's weights: `[kernel, kernel, input channels, output channels]`.
  public var weightShape: Shape { Shape(kernel, kernel, input[2], output[2]) }

  var weightCount: Int { weightShape.count }

  func forRows(_ rows: Int) -> lockstep_window {
    lockstep_window(
      rows: Int64(rows), input_height: Int64(input[0]), input_width: Int64(input[1]), input_channels: Int64(input[2]),
      output_height: Int64(output[0]), output_width: Int64(output[1]), output_channels: Int64(output[2]),
      kernel: Int64(kernel), stride: Int64(stride), padding: Int64(padding))
  }

  func describe(_ operation: String, rows: Int) -> String {
    "\(operation) \(kernel)×\(kernel), stride \(stride), padding \(padding), of \(rows) images \(input) to \(output)"
  }
}
