import Buffers
import COneDNN

/// The gradient of a convolution with respect to its weights, summed over several runs before it is given out.
public final class ConvolutionWeightGradient {
  private let descriptor: PrimitiveDescriptor
  private let input: ConvolutionFactor
  /// What the last run took.
  let outputGradient: ConvolutionFactor
  /// The array that one run writes, in the layout that oneDNN likes; its data is `sum` or `part`.
  private let inner: PrimitiveMemory
  private let primitive: Primitive
  private let sum: Tensor
  private let part: Tensor
  private var isEmpty = true
  private let plain: PrimitiveMemory
  private let plainScratch: Tensor
  private let giveOut: Primitive
  private let inputCount: Int
  private let outputCount: Int

  /// Takes window and rows from `forward`, and makes room for two gradients of the weights; throws `OneDNNError` where
  /// oneDNN has no such gradient or no memory for it.
  public init(of forward: ConvolutionForward) throws(OneDNNError) {
    let (window, rows) = (forward.window, forward.rows)
    descriptor = try PrimitiveDescriptor(window.describe("weight gradient of convolution", rows: rows)) {
      lockstep_convolution(
        $0, $1, lockstep_backward_weights, window.forRows(rows), forward.precision.factors,
        forward.descriptor.handle)
    }
    input = forward.input
    outputGradient = try ConvolutionFactor(
      descriptor, dnnl_query_diff_dst_md, count: rows * window.output.count, forward.precision)
    inner = try descriptor.memory(dnnl_query_diff_weights_md)
    primitive = try Primitive(
      descriptor,
      [(DNNL_ARG_SRC, input.memory), (DNNL_ARG_DIFF_DST, outputGradient.memory), (DNNL_ARG_DIFF_WEIGHTS, inner)])
    sum = Tensor(Shape(inner.floatCount))
    part = Tensor(Shape(inner.floatCount))
    plain = try ConvolutionWeights.plain(window, descriptor)
    plainScratch = Tensor(Shape(window.weightCount))
    plain.point(at: plainScratch.pointer)
    giveOut = try .reorder(descriptor.operation, from: inner, to: plain)
    inputCount = rows * window.input.count
    outputCount = rows * window.output.count
  }

  /// Adds these images' share to the sum.
  public func add(_ images: Span<Float>, _ gradient: Span<Float>) throws(OneDNNError) {
    precondition(
      images.count == inputCount && gradient.count == outputCount,
      "\(images.count) and \(gradient.count) values for \(descriptor.operation)")
    input.take(images)
    outputGradient.take(gradient)
    inner.point(at: isEmpty ? sum.pointer : part.pointer)
    try primitive.run()
    if !isEmpty {
      var total = sum.buffer.mutableSpan
      Arithmetic.add(part.buffer.span, to: &total)
    }
    isEmpty = false
  }

  /// Writes the sum, in the plain layout of the weights, or adds it; then starts anew from zero.
  public func finish(into gradient: inout MutableSpan<Float>, accumulates: Bool) throws(OneDNNError) {
    precondition(!isEmpty, "nothing was added")
    inner.point(at: sum.pointer)
    try giveOut.run()
    if !accumulates { Arithmetic.fill(&gradient, with: 0) }
    Arithmetic.add(plainScratch.buffer.span, to: &gradient)
    isEmpty = true
  }
}
