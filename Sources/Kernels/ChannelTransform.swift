/// One straight line a channel: y = factor · x + offset over `[positions, channels]`; batch norm with given statistics.
public enum ChannelTransform {
  /// results = factors · values + offsets, with values and results `[positions, channels]`, factors and offsets
  /// `[channels]`.
  public static func apply(
    _ values: Span<Float>, factors: Span<Float>, offsets: Span<Float>, into results: inout MutableSpan<Float>
  ) {
    let channels = factors.count
    precondition(
      channels > 0 && offsets.count == channels && values.count % channels == 0 && results.count == values.count,
      "\(values.count) and \(results.count) values for \(channels) factors and \(offsets.count) offsets")
    for position in 0..<values.count / channels {
      let start = position * channels
      for channel in 0..<channels {
        results[unchecked: start &+ channel] = offsets[unchecked: channel].addingProduct(
          values[unchecked: start &+ channel], factors[unchecked: channel])
      }
    }
  }
}
