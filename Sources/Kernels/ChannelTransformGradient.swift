/// The way back through `y = weight · (x − mean) · inverse deviation + bias` a channel, mean and deviation being given:
/// batch norm that is evaluated.
public enum ChannelTransformGradient {
  /// weightSums += Σ gradient · (value − mean) · inverse deviation and biasSums += Σ gradient, over the positions of
  /// `[positions, channels]`; all others are `[channels]`.
  public static func addSums(
    _ values: Span<Float>, gradient: Span<Float>, means: Span<Float>, inverseDeviations: Span<Float>,
    to weightSums: inout MutableSpan<Float>, _ biasSums: inout MutableSpan<Float>
  ) {
    let channels = means.count
    precondition(
      channels > 0 && inverseDeviations.count == channels && weightSums.count == channels
        && biasSums.count == channels && values.count % channels == 0 && gradient.count == values.count,
      "\(values.count) values and \(gradient.count) gradients of \(channels) channels")
    // Unchecked as in `Bias`: the counts have been compared.
    for position in 0..<values.count / channels {
      let start = position * channels
      for channel in 0..<channels {
        let sent = gradient[unchecked: start &+ channel]
        let normalized =
          (values[unchecked: start &+ channel] - means[unchecked: channel]) * inverseDeviations[unchecked: channel]
        weightSums[unchecked: channel] += sent * normalized
        biasSums[unchecked: channel] += sent
      }
    }
  }
}
