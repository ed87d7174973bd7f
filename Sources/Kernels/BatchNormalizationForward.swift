import Buffers
import COneDNN

/// Batch norm of a fixed number of positions `[positions, channels]` by their own mean and (biased) variance:
/// y = weight · (x − mean) ÷ √(variance + epsilon) + bias. Ioffe and Szegedy, "Batch Normalization" (ICML 2015).
public final class BatchNormalizationForward {
  /// Rows times positions of an image: all that is normalised together.
  public let positions: Int
  /// Numbers of a position, each with a mean and a variance of its own.
  public let channels: Int
  /// Added to the variance under the root.
  public let epsilon: Float
  let descriptor: PrimitiveDescriptor
  private let primitive: Primitive
  private let input: PrimitiveMemory
  private let weight: PrimitiveMemory
  private let bias: PrimitiveMemory
  private let output: PrimitiveMemory
  private let mean: PrimitiveMemory
  private let variance: PrimitiveMemory

  /// Throws `OneDNNError` where oneDNN has no batch norm of this size or no memory for it.
  public init(positions: Int, channels: Int, epsilon: Float) throws(OneDNNError) {
    self.positions = positions
    self.channels = channels
    self.epsilon = epsilon
    descriptor = try PrimitiveDescriptor("batch norm of \(positions) positions of \(channels) channels") {
      lockstep_batch_normalization($0, $1, Int64(positions), Int64(channels), epsilon, nil)
    }
    input = try descriptor.memory(dnnl_query_src_md)
    output = try descriptor.memory(dnnl_query_dst_md)
    weight = try .perChannel(channels)
    bias = try .perChannel(channels)
    mean = try .perChannel(channels)
    variance = try .perChannel(channels)
    primitive = try Primitive(
      descriptor,
      [
        (DNNL_ARG_SRC, input), (DNNL_ARG_SCALE, weight), (DNNL_ARG_SHIFT, bias), (DNNL_ARG_DST, output),
        (DNNL_ARG_MEAN, mean), (DNNL_ARG_VARIANCE, variance),
      ])
  }

  /// Writes the outputs and the positions' mean and variance, `[channels]` each.
  public func run(
    _ values: Span<Float>, weight: Span<Float>, bias: Span<Float>, into results: inout MutableSpan<Float>,
    mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>
  ) throws(OneDNNError) {
    precondition(
      values.count == positions * channels && results.count == values.count,
      "\(values.count) and \(results.count) values for \(descriptor.operation)")
    precondition(
      weight.count == channels && bias.count == channels && mean.count == channels && variance.count == channels,
      "weight, bias, mean or variance do not fit \(descriptor.operation)")
    input.point(at: values)
    self.weight.point(at: weight)
    self.bias.point(at: bias)
    output.point(at: &results)
    self.mean.point(at: &mean)
    self.variance.point(at: &variance)
    try primitive.run()
  }
}
