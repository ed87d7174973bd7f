import Buffers
import Kernels

/// Convolution, bias, ReLU and 2×2 maximum pooling, a few images at a time: what is four times the output never leaves
/// the cache. Only of convolutions with bias.
final class BoundPooledConvolution: BoundLayer {
  private let chunks: ConvolutionChunks
  private let width: Int
  /// Outputs of the convolution, then their gradient: `[chunk rows, height, width, filters]`.
  private let inner: Tensor
  /// The one of four that each output came from: `[maximumRows, height / 2, width / 2, filters]`.
  private let choices: AlignedMemory
  private let resultCount: Int
  /// `[filters]`
  private let chunkSums: Tensor

  init(_ binding: LayerBinding, _ window: Window) {
    chunks = ConvolutionChunks(binding, window)
    width = window.output[1]
    inner = Tensor(window.output.batched(chunks.chunkRows))
    resultCount = binding.output.count
    choices = AlignedMemory(byteCount: binding.maximumRows * resultCount)
    chunkSums = Tensor(Shape(window.output[2]))
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    chunks.weightsChanged()
    try chunks.forEach(pass.rows) { rows, kernels in
      var convolved = inner.rows(rows.count).buffer.mutableSpan
      try kernels.forward(input.rowRange(rows), into: &convolved)
      var result = output.rowRange(rows).buffer.mutableSpan
      var chosen = choices(of: rows).mutableSpan
      RectifiedPooling.forward(
        convolved.span, width: width, bias: chunks.bias!.buffer.span, into: &result, choices: &chosen)
    }
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    chunks.beginBackward(pass)
    try chunks.forEach(pass.rows) { rows, kernels in
      let gradient = inner.rows(rows.count)
      poolingBackward(outputGradient.rowRange(rows), choices(of: rows), into: gradient)
      try kernels.backward(
        input: input.rowRange(rows), outputGradient: gradient, inputGradient: inputGradient?.rowRange(rows))
    }
    try chunks.finishBackward(pass)
  }

  /// A chunk's sums by themselves first: shorter chains of additions.
  private func poolingBackward(
    _ outputGradient: Tensor, _ choices: UnsafeMutableBufferPointer<UInt8>, into gradient: Tensor
  ) {
    chunkSums.fill(0)
    var sums = chunkSums.buffer.mutableSpan
    var result = gradient.buffer.mutableSpan
    RectifiedPooling.backward(
      outputGradient.buffer.span, choices: choices.span, width: width, into: &result, addingChannelSumsTo: &sums)
    var total = chunks.biasGradient!.buffer.mutableSpan
    Arithmetic.add(sums.span, to: &total)
  }

  private func choices(of rows: Range<Int>) -> UnsafeMutableBufferPointer<UInt8> {
    let start = choices.baseAddress.assumingMemoryBound(to: UInt8.self) + rows.lowerBound * resultCount
    return UnsafeMutableBufferPointer(start: start, count: rows.count * resultCount)
  }
}
