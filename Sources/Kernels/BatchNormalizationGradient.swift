import Buffers
import COneDNN

/// The gradients of a batch norm with respect to its values, weight and bias, mean and variance depending on the values.
public final class BatchNormalizationGradient {
  private let descriptor: PrimitiveDescriptor
  private let count: Int
  private let primitive: Primitive
  private let input: PrimitiveMemory
  private let weight: PrimitiveMemory
  private let mean: PrimitiveMemory
  private let variance: PrimitiveMemory
  private let outputGradient: PrimitiveMemory
  private let inputGradient: PrimitiveMemory
  private let weightGradient: PrimitiveMemory
  private let biasGradient: PrimitiveMemory
  /// `[channels]`
  private let weightScratch: Tensor
  /// `[channels]`
  private let biasScratch: Tensor

  /// Takes size and epsilon from `forward`; throws `OneDNNError` where oneDNN has no such gradient or no memory for it.
  public init(of forward: BatchNormalizationForward) throws(OneDNNError) {
    let (positions, channels, epsilon) = (forward.positions, forward.channels, forward.epsilon)
    count = positions * channels
    descriptor = try PrimitiveDescriptor("gradient of batch norm of \(positions) positions of \(channels) channels") {
      lockstep_batch_normalization($0, $1, Int64(positions), Int64(channels), epsilon, forward.descriptor.handle)
    }
    input = try descriptor.memory(dnnl_query_src_md)
    outputGradient = try descriptor.memory(dnnl_query_diff_dst_md)
    inputGradient = try descriptor.memory(dnnl_query_diff_src_md)
    weight = try .perChannel(channels)
    mean = try .perChannel(channels)
    variance = try .perChannel(channels)
    weightGradient = try .perChannel(channels)
    biasGradient = try .perChannel(channels)
    weightScratch = Tensor(Shape(channels))
    biasScratch = Tensor(Shape(channels))
    weightGradient.point(at: weightScratch.pointer)
    biasGradient.point(at: biasScratch.pointer)
    var arguments = [
      (DNNL_ARG_SRC, input), (DNNL_ARG_MEAN, mean), (DNNL_ARG_VARIANCE, variance), (DNNL_ARG_SCALE, weight),
      (DNNL_ARG_DIFF_DST, outputGradient), (DNNL_ARG_DIFF_SRC, inputGradient), (DNNL_ARG_DIFF_SCALE, weightGradient),
      (DNNL_ARG_DIFF_SHIFT, biasGradient),
    ]
    // Any array of the right size will do: nothing depends on its values.
    if lockstep_batch_normalization_backward_takes_shift() != 0 { arguments.append((DNNL_ARG_SHIFT, weight)) }
    primitive = try Primitive(descriptor, arguments)
  }

  /// Writes the gradient with respect to the values and adds those of weight and bias to `weightSums` and `biasSums`.
  public func run(
    _ values: Span<Float>, mean: Span<Float>, variance: Span<Float>, weight: Span<Float>, gradient: Span<Float>,
    into results: inout MutableSpan<Float>, weightSums: inout MutableSpan<Float>, biasSums: inout MutableSpan<Float>
  ) throws(OneDNNError) {
    precondition(
      values.count == count && gradient.count == count && results.count == count,
      "\(values.count), \(gradient.count) and \(results.count) values for \(descriptor.operation)")
    input.point(at: values)
    self.mean.point(at: mean)
    self.variance.point(at: variance)
    self.weight.point(at: weight)
    outputGradient.point(at: gradient)
    inputGradient.point(at: &results)
    try primitive.run()
    Arithmetic.add(weightScratch.buffer.span, to: &weightSums)
    Arithmetic.add(biasScratch.buffer.span, to: &biasSums)
  }
}
