import Buffers
import COneDNN

/// The highest or the mean value under a window, each channel by itself, for a fixed number of images
/// `[rows, height, width, channels]`.
public final class PoolingKernel {
  /// The number that stands for a window.
  public enum Kind: Sendable {
    /// The highest value under the window.
    case maximum
    /// Over the positions inside the image.
    case average
  }

  private let window: Window
  private let rows: Int
  private let descriptor: PrimitiveDescriptor
  private let input: PrimitiveMemory
  private let output: PrimitiveMemory
  /// Where each maximum came from.
  private let workspace: PrimitiveMemory?
  private let forwardPrimitive: Primitive
  private let inputGradient: PrimitiveMemory
  private let outputGradient: PrimitiveMemory
  private let backwardPrimitive: Primitive

  /// Throws `OneDNNError` where oneDNN has no such pooling or no memory for it.
  public init(_ kind: Kind, _ window: Window, rows: Int) throws(OneDNNError) {
    self.window = window
    self.rows = rows
    let algorithm = kind == .maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding
    let forward = try PrimitiveDescriptor(window.describe("\(kind) pooling", rows: rows)) {
      lockstep_pooling($0, $1, algorithm, window.forRows(rows), nil)
    }
    descriptor = forward
    input = try forward.memory(dnnl_query_src_md)
    output = try forward.memory(dnnl_query_dst_md)
    workspace = kind == .maximum ? try forward.memory(dnnl_query_workspace_md) : nil
    workspace?.allocate()
    let kept = workspace.map { [(DNNL_ARG_WORKSPACE, $0)] } ?? []
    forwardPrimitive = try Primitive(forward, [(DNNL_ARG_SRC, input), (DNNL_ARG_DST, output)] + kept)

    let backward = try PrimitiveDescriptor(window.describe("gradient of \(kind) pooling", rows: rows)) {
      lockstep_pooling($0, $1, algorithm, window.forRows(rows), forward.handle)
    }
    inputGradient = try backward.memory(dnnl_query_diff_src_md)
    outputGradient = try backward.memory(dnnl_query_diff_dst_md)
    backwardPrimitive = try Primitive(
      backward, [(DNNL_ARG_DIFF_SRC, inputGradient), (DNNL_ARG_DIFF_DST, outputGradient)] + kept)
  }

  /// Images `[rows, height, width, channels]` to results `[rows, height', width', channels]`; notes where each maximum
  /// came from. Throws `OneDNNError` where oneDNN fails.
  public func forward(_ images: Span<Float>, into results: inout MutableSpan<Float>) throws(OneDNNError) {
    checkCounts(images.count, results.count)
    input.point(at: images)
    output.point(at: &results)
    try forwardPrimitive.run()
  }

  /// For the images that the last `forward` saw.
  public func backward(_ gradient: Span<Float>, into results: inout MutableSpan<Float>) throws(OneDNNError) {
    checkCounts(results.count, gradient.count)
    outputGradient.point(at: gradient)
    inputGradient.point(at: &results)
    try backwardPrimitive.run()
  }

  private func checkCounts(_ inputs: Int, _ outputs: Int) {
    precondition(
      inputs == rows * window.input.count && outputs == rows * window.output.count,
      "\(inputs) and \(outputs) values for \(descriptor.operation)")
  }
}
