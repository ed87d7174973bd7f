/// Weights of samples.
public enum SampleWeights {
  /// Multiplies each row of `[rows, …]` by its weight.
  public static func scale(_ values: inout MutableSpan<Float>, by weights: Span<Float>) {
    precondition(
      values.count == 0 || values.count % weights.count == 0, "\(weights.count) weights for \(values.count) values")
    guard values.count > 0 else { return }
    let width = values.count / weights.count
    for row in weights.indices {
      for index in row * width..<(row + 1) * width { values[index] *= weights[row] }
    }
  }
}
