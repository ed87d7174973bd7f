import Buffers
import Kernels

/// The three directions of a convolution on a fixed number of images.
final class ConvolutionKernels {
  /// `[kernel, kernel, channels, filters]`
  private let weight: Tensor
  private let convolve: ConvolutionForward
  private var convolveHasWeights = false
  // Made when first asked for: a network that only evaluates never does.
  private var inputGradient: ConvolutionInputGradient?
  private var inputGradientHasWeights = false
  private var weightGradient: ConvolutionWeightGradient?
  private var hasWeightGradient = false

  init(_ window: Window, rows: Int, weight: Tensor, _ precision: ProductPrecision) throws {
    self.weight = weight
    convolve = try ConvolutionForward(window, rows: rows, precision)
  }

  func weightsChanged() {
    convolveHasWeights = false
    inputGradientHasWeights = false
  }

  func forward(_ input: Tensor, into result: inout MutableSpan<Float>) throws {
    if !convolveHasWeights { try convolve.takeWeights(weight.buffer.span) }
    convolveHasWeights = true
    try convolve.run(input.buffer.span, into: &result)
  }

  /// Adds to the weight gradient that `finish` gives out and writes the input gradient, if asked for.
  func backward(input: Tensor, outputGradient: Tensor, inputGradient: Tensor?) throws {
    let weights = try weightGradient ?? ConvolutionWeightGradient(of: convolve)
    weightGradient = weights
    try weights.add(input.buffer.span, outputGradient.buffer.span)
    hasWeightGradient = true
    if let inputGradient { try backward(beside: weights, into: inputGradient) }
  }

  private func backward(beside weights: ConvolutionWeightGradient, into result: Tensor) throws {
    let kernel = try inputGradient ?? ConvolutionInputGradient(of: convolve, beside: weights)
    inputGradient = kernel
    if !inputGradientHasWeights { try kernel.takeWeights(weight.buffer.span) }
    inputGradientHasWeights = true
    var values = result.buffer.mutableSpan
    try kernel.runOnTaken(into: &values)
  }

  /// Writes what `backward` has summed, or adds it; says whether there was anything.
  func finish(into gradient: inout MutableSpan<Float>, accumulates: Bool) throws -> Bool {
    guard hasWeightGradient else { return false }
    try weightGradient?.finish(into: &gradient, accumulates: accumulates)
    hasWeightGradient = false
    return true
  }
}
