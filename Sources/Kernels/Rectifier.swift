/// ReLU: y = max(x, 0), with gradient 0 at 0. NaN passes through both ways, so that a diverged run is seen.
public enum Rectifier {
  @inline(__always)
  static func value(_ x: Float) -> Float { x < 0 ? 0 : x }

  @inline(__always)
  static func gradient(_ gradient: Float, output: Float) -> Float { output <= 0 ? 0 : gradient }

  /// output = max(input, 0), of the same length.
  public static func forward(_ input: Span<Float>, into output: inout MutableSpan<Float>) {
    precondition(input.count == output.count, "\(input.count) values into \(output.count)")
    for index in input.indices { output[index] = value(input[index]) }
  }

  /// The same in place.
  public static func forward(_ values: inout MutableSpan<Float>) {
    for index in values.indices { values[index] = value(values[index]) }
  }

  /// Keeps `gradient` where `output` is positive, in place.
  public static func backward(output: Span<Float>, gradient: inout MutableSpan<Float>) {
    precondition(output.count == gradient.count, "\(output.count) outputs, \(gradient.count) gradients")
    for index in output.indices { gradient[index] = Self.gradient(gradient[index], output: output[index]) }
  }
}
