import Buffers
import Kernels

/// A convolution's parameters and its kernels for a few images at a time, so that a chunk's results are still in cache
/// when the next thing is done to them.
final class ConvolutionChunks {
  let chunkRows: Int
  /// `[filters]`; nil where there is none.
  let bias: Tensor?
  /// Gradients of weight and bias, where there is one; empty where only evaluation is asked for.
  private let gradients: [Tensor]
  private let kernels: RowCache<ConvolutionKernels>
  private let weightsAreFixed: Bool

  /// 1 MiB of results: what a core's second-level cache holds beside input and weights.
  private static let chunkFloats = 1 << 18

  init(_ binding: LayerBinding, _ window: Window) {
    chunkRows = Self.rows(window, atMost: binding.maximumRows)
    let weight = binding.parameters[0]
    bias = binding.parameters.count > 1 ? binding.parameters[1] : nil
    gradients = binding.gradients
    weightsAreFixed = binding.parametersAreFixed
    let precision = binding.precision
    kernels = RowCache { rows in try ConvolutionKernels(window, rows: rows, weight: weight, precision) }
  }

  /// Copies of a chunk's images and gradients, where what is multiplied is not floats.
  static func scratchBytes(_ window: Window, _ extent: LayerExtent) -> Double {
    let numbers = window.input.count + (extent.goesBackward ? window.output.count : 0)
    return extent.precision.scratchBytes(Double(rows(window, atMost: extent.maximumRows)) * Double(numbers))
  }

  static func rows(_ window: Window, atMost rows: Int) -> Int {
    min(rows, max(1, chunkFloats / window.output.count))
  }

  var biasGradient: Tensor? { gradients.count > 1 ? gradients[1] : nil }

  /// To be called when a pass begins: the weights may be others than those that the kernels know.
  func weightsChanged() {
    guard !weightsAreFixed else { return }
    kernels.forEachMade { $0.weightsChanged() }
  }

  func forEach(_ rows: Int, _ body: (Range<Int>, ConvolutionKernels) throws -> Void) throws {
    for first in stride(from: 0, to: rows, by: chunkRows) {
      let range = first..<min(rows, first + chunkRows)
      try body(range, kernels(range.count))
    }
  }

  func beginBackward(_ pass: Pass) {
    if pass.overwritesGradients { biasGradient?.fill(0) }
  }

  /// Brings the chunks' weight gradients together.
  func finishBackward(_ pass: Pass) throws {
    var accumulates = !pass.overwritesGradients
    var gradient = gradients[0].buffer.mutableSpan
    try kernels.forEachMade { accumulates = try $0.finish(into: &gradient, accumulates: accumulates) || accumulates }
  }
}
