import Buffers
import Kernels

extension Window {
  /// Throws `LayerError` where the window does not fit; `layer` names it, for instance "a convolution".
  init(
    _ layer: String, _ input: Shape, kernel: Int, stride: Int, padding: Int, outputChannels: Int? = nil
  ) throws {
    guard input.rank == 3 else {
      throw LayerError("\(layer) needs images [height, width, channels], not \(input)")
    }
    let made = Window(input, kernel: kernel, stride: stride, padding: padding, outputChannels: outputChannels)
    guard let made else {
      throw LayerError(
        "\(layer) of \(kernel)×\(kernel) with stride \(stride) and padding \(padding) does not fit on \(input)")
    }
    self = made
  }
}
