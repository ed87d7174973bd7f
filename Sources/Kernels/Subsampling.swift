import Buffers

/// Every `stride`-th position of images `[rows, height, width, channels]`, from the first on, with channels of zeros put
/// before and behind its own: `[rows, ⌈height / stride⌉, ⌈width / stride⌉, outputChannels]`.
public struct Subsampling: Sendable {
  private let input: Shape
  /// Per image.
  public let output: Shape
  private let stride: Int
  /// Channels of zeros before those of the input; where the added ones are odd, one fewer than behind.
  private let before: Int

  /// - Parameters:
  ///   - input: an image's shape.
  ///   - channels: of the output; at least those of the input.
  public init(_ input: Shape, stride: Int, channels: Int) {
    precondition(input.rank == 3 && stride > 0 && channels >= input[2], "\(channels) channels from \(input)")
    self.input = input
    self.stride = stride
    output = Shape((input[0] + stride - 1) / stride, (input[1] + stride - 1) / stride, channels)
    before = (channels - input[2]) / 2
  }

  /// Images `[rows, height, width, channels]` to results `[rows, …output]`: every `stride`-th position, zeros in the
  /// added channels.
  public func forward(_ images: Span<Float>, rows: Int, into results: inout MutableSpan<Float>) {
    check(images.count, results.count, rows)
    for index in results.indices { results[index] = 0 }
    let channels = input[2]
    for position in 0..<rows * output[0] * output[1] {
      let (source, target) = place(position)
      for channel in 0..<channels {
        results[unchecked: target &+ channel] = images[unchecked: source &+ channel]
      }
    }
  }

  /// Writes the gradient with respect to the images.
  public func backward(_ gradients: Span<Float>, rows: Int, into images: inout MutableSpan<Float>) {
    check(images.count, gradients.count, rows)
    for index in images.indices { images[index] = 0 }
    let channels = input[2]
    for position in 0..<rows * output[0] * output[1] {
      let (source, target) = place(position)
      for channel in 0..<channels {
        images[unchecked: source &+ channel] = gradients[unchecked: target &+ channel]
      }
    }
  }

  /// Where the channels of a position of the output, counted over all images, begin in the input and in the output. All
  /// are within what `check` has seen.
  private func place(_ position: Int) -> (source: Int, target: Int) {
    let (line, x) = (position / output[1], position % output[1])
    let (row, y) = (line / output[0], line % output[0])
    let source = ((row * input[0] + y * stride) * input[1] + x * stride) * input[2]
    return (source, position * output[2] + before)
  }

  private func check(_ images: Int, _ results: Int, _ rows: Int) {
    precondition(
      images == rows * input.count && results == rows * output.count,
      "\(images) and \(results) values of \(rows) images \(input) and \(output)")
  }
}
