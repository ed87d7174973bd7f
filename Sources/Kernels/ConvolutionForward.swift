import Buffers
import COneDNN

/// 2-D convolution of a fixed number of images, without bias. Images are `[rows, height, width, channels]`, weights
/// `[kernel, kernel, input channels, output channels]`.
public final class ConvolutionForward {
  /// Shapes per image, stride and padding.
  public let window: Window
  /// Images of one `run`.
  public let rows: Int
  let precision: ProductPrecision
  let descriptor: PrimitiveDescriptor
  /// What the last run took.
  let input: ConvolutionFactor
  private let output: PrimitiveMemory
  private let weights: ConvolutionWeights
  private let primitive: Primitive

  /// Throws `OneDNNError` where oneDNN has no such convolution or no memory for it.
  public init(_ window: Window, rows: Int, _ precision: ProductPrecision = .float32) throws(OneDNNError) {
    self.window = window
    self.rows = rows
    self.precision = precision
    descriptor = try PrimitiveDescriptor(window.describe("convolution", rows: rows)) {
      lockstep_convolution($0, $1, lockstep_forward, window.forRows(rows), precision.factors, nil)
    }
    input = try ConvolutionFactor(descriptor, dnnl_query_src_md, count: rows * window.input.count, precision)
    output = try descriptor.memory(dnnl_query_dst_md)
    weights = try ConvolutionWeights(window, descriptor, precision)
    primitive = try Primitive(
      descriptor, [(DNNL_ARG_SRC, input.memory), (DNNL_ARG_WEIGHTS, weights.inner), (DNNL_ARG_DST, output)])
  }

  /// Sets the weights that `run` uses from now on, `[kernel, kernel, input channels, output channels]`.
  public func takeWeights(_ plain: Span<Float>) throws(OneDNNError) { try weights.take(plain) }

  /// Images `[rows, height, width, channels]` to results `[rows, height', width', filters]`, with the weights last
  /// taken; throws `OneDNNError` where oneDNN fails.
  public func run(_ images: Span<Float>, into results: inout MutableSpan<Float>) throws(OneDNNError) {
    precondition(
      images.count == rows * window.input.count && results.count == rows * window.output.count,
      "\(images.count) and \(results.count) values for \(descriptor.operation)")
    input.take(images)
    output.point(at: &results)
    try primitive.run()
  }
}
