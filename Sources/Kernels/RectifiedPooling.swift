import Buffers

/// Bias, ReLU and 2×2 maximum pooling with stride 2 in one pass over a convolution's output, and back. ReLU and maximum
/// commute, so only a quarter of the values is rectified, and what was before is not needed on the way back.
public enum RectifiedPooling {
  /// The choice where ReLU let nothing through: no position takes the gradient.
  private static let none: Int32 = 4

  /// - Parameters:
  ///   - images: `[rows, height, width, channels]`, height and width even, as is the number of all their lines.
  ///   - bias: `[channels]`
  ///   - results: `[rows, height / 2, width / 2, channels]`
  ///   - choices: as `results`; which of the four was highest (the first, if several), row by row, or that none was
  ///     above zero.
  public static func forward(
    _ images: Span<Float>, width: Int, bias: Span<Float>, into results: inout MutableSpan<Float>,
    choices: inout MutableSpan<UInt8>
  ) {
    let channels = bias.count
    checkCounts(images.count, results.count, choices.count, width, channels)
    for position in 0..<results.count / channels {
      let target = position * channels
      let corner = corner(of: position, width, channels)
      let below = corner + width * channels
      for channel in 0..<channels {
        var best = images[unchecked: corner &+ channel]
        var choice: Int32 = 0
        choose(images[unchecked: corner &+ channels &+ channel], 1, &best, &choice)
        choose(images[unchecked: below &+ channel], 2, &best, &choice)
        choose(images[unchecked: below &+ channels &+ channel], 3, &best, &choice)
        let value = Rectifier.value(best + bias[unchecked: channel])
        results[unchecked: target &+ channel] = value
        choices[unchecked: target &+ channel] = UInt8(truncatingIfNeeded: value <= 0 ? none : choice)
      }
    }
  }

  /// Sends each gradient to the position that `forward` chose and zero to the others, and adds to `sums` `[channels]`
  /// what each channel sent: the bias's gradient.
  public static func backward(
    _ gradient: Span<Float>, choices: Span<UInt8>, width: Int, into images: inout MutableSpan<Float>,
    addingChannelSumsTo sums: inout MutableSpan<Float>
  ) {
    let channels = sums.count
    checkCounts(images.count, gradient.count, choices.count, width, channels)
    for position in 0..<gradient.count / channels {
      let source = position * channels
      let corner = corner(of: position, width, channels)
      let below = corner + width * channels
      for channel in 0..<channels {
        let value = gradient[unchecked: source &+ channel]
        let choice = Int32(choices[unchecked: source &+ channel])
        images[unchecked: corner &+ channel] = choice == 0 ? value : 0
        images[unchecked: corner &+ channels &+ channel] = choice == 1 ? value : 0
        images[unchecked: below &+ channel] = choice == 2 ? value : 0
        images[unchecked: below &+ channels &+ channel] = choice == 3 ? value : 0
        sums[unchecked: channel] += choice == none ? 0 : value
      }
    }
  }

  /// A NaN is higher than everything, so that a diverged run is seen.
  @inline(__always)
  private static func choose(_ value: Float, _ number: Int32, _ best: inout Float, _ choice: inout Int32) {
    let isHigher = value > best || value != value
    choice = isHigher ? number : choice
    best = isHigher ? value : best
  }

  /// Where the window of a result begins. Lines of all images follow each other, so pairs of lines do too.
  @inline(__always)
  private static func corner(of position: Int, _ width: Int, _ channels: Int) -> Int {
    let (line, column) = position.quotientAndRemainder(dividingBy: width / 2)
    return (line * 2 * width + column * 2) * channels
  }

  private static func checkCounts(_ images: Int, _ results: Int, _ choices: Int, _ width: Int, _ channels: Int) {
    precondition(
      width > 0 && width % 2 == 0 && channels > 0 && images % (2 * width * channels) == 0 && images == 4 * results
        && choices == results,
      "\(images) values in lines of \(width) × \(channels) to \(results) values and \(choices) choices")
  }
}
