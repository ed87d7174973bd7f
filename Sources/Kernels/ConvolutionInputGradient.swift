import Buffers
import COneDNN

/// The gradient of a convolution with respect to its images.
public final class ConvolutionInputGradient {
  private let descriptor: PrimitiveDescriptor
  private let inputGradient: PrimitiveMemory
  private let outputGradient: ConvolutionFactor
  private let weights: ConvolutionWeights
  private let primitive: Primitive
  private let inputCount: Int
  private let outputCount: Int

  /// Takes window, rows and precision from `forward`, and what it keeps of gradients from `other`, where that is given; throws
  /// `OneDNNError` where oneDNN has no such gradient or no memory for it.
  public init(of forward: ConvolutionForward, beside other: ConvolutionWeightGradient? = nil) throws(OneDNNError) {
    let (window, rows) = (forward.window, forward.rows)
    descriptor = try PrimitiveDescriptor(window.describe("input gradient of convolution", rows: rows)) {
      lockstep_convolution(
        $0, $1, lockstep_backward_data, window.forRows(rows), forward.precision.factors,
        forward.descriptor.handle)
    }
    inputGradient = try descriptor.memory(dnnl_query_diff_src_md)
    if let other {
      outputGradient = other.outputGradient
    } else {
      outputGradient = try ConvolutionFactor(
        descriptor, dnnl_query_diff_dst_md, count: rows * window.output.count, forward.precision)
    }
    weights = try ConvolutionWeights(window, descriptor, forward.precision)
    primitive = try Primitive(
      descriptor,
      [
        (DNNL_ARG_DIFF_SRC, inputGradient), (DNNL_ARG_WEIGHTS, weights.inner),
        (DNNL_ARG_DIFF_DST, outputGradient.memory),
      ])
    inputCount = rows * window.input.count
    outputCount = rows * window.output.count
  }

  /// Sets the weights that `run` uses from now on, `[kernel, kernel, input channels, output channels]`.
  public func takeWeights(_ plain: Span<Float>) throws(OneDNNError) { try weights.take(plain) }

  /// The gradient `[rows, height', width', filters]` to that of the images, `[rows, height, width, channels]`, with the
  /// weights last taken; throws `OneDNNError` where oneDNN fails.
  public func run(_ gradient: Span<Float>, into results: inout MutableSpan<Float>) throws(OneDNNError) {
    precondition(gradient.count == outputCount, "\(gradient.count) values for \(descriptor.operation)")
    outputGradient.take(gradient)
    try runOnTaken(into: &results)
  }

  /// As `run`, of the gradient that `other` added last.
  public func runOnTaken(into results: inout MutableSpan<Float>) throws(OneDNNError) {
    precondition(results.count == inputCount, "\(results.count) values for \(descriptor.operation)")
    inputGradient.point(at: &results)
    try primitive.run()
  }
}
