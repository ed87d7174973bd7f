/// The mean of each channel over all positions of an image: `[rows, positions, channels]` and `[rows, channels]`.
public enum ChannelMeans {
  // Unchecked as in `Bias`: `check` has seen that all places are within the counts.

  /// means `[rows, channels]` = the average of images `[rows, positions, channels]` over their positions.
  public static func forward(
    _ images: Span<Float>, rows: Int, channels: Int, into means: inout MutableSpan<Float>
  ) {
    let positions = check(images.count, means.count, rows: rows, channels: channels)
    let factor = 1 / Float(positions)
    for row in 0..<rows {
      let result = row * channels
      for channel in 0..<channels { means[result + channel] = 0 }
      for position in 0..<positions {
        let source = (row * positions + position) * channels
        for channel in 0..<channels { means[unchecked: result &+ channel] += images[unchecked: source &+ channel] }
      }
      for channel in 0..<channels { means[result + channel] *= factor }
    }
  }

  /// Writes the gradient with respect to the images.
  public static func backward(
    _ gradients: Span<Float>, rows: Int, channels: Int, into images: inout MutableSpan<Float>
  ) {
    let positions = check(images.count, gradients.count, rows: rows, channels: channels)
    let factor = 1 / Float(positions)
    for row in 0..<rows {
      let source = row * channels
      for position in 0..<positions {
        let target = (row * positions + position) * channels
        for channel in 0..<channels {
          images[unchecked: target &+ channel] = factor * gradients[unchecked: source &+ channel]
        }
      }
    }
  }

  /// Gives the positions of an image.
  private static func check(_ images: Int, _ means: Int, rows: Int, channels: Int) -> Int {
    precondition(
      means == rows * channels && means > 0 && images > 0 && images % means == 0,
      "\(images) values to \(means) means of \(rows) images of \(channels) channels")
    return images / means
  }
}
