import Buffers
import Kernels

/// In training, zeroes each element with probability `rate` and scales the others by 1 ÷ (1 − rate); in evaluation, the
/// identity. Srivastava et al., "Dropout" (JMLR 2014), in its inverted form.
///
/// The choice of elements is a pure function of (seed, layer, epoch and view, sample, element): no rank, no microbatch, no
/// stored state.
public struct Dropout: Layer {
  /// Probability of being zeroed, from 0 to below 1.
  public let rate: Double

  /// `outputShape` refuses a rate outside of 0..<1.
  public init(_ rate: Double) {
    self.rate = rate
  }

  /// For people `dropout1`; it learns nothing that would need names.
  public var kind: String { "dropout" }

  /// The input's shape; throws `LayerError` where the rate is not at least 0 and below 1.
  public func outputShape(for input: Shape) throws -> Shape {
    guard rate >= 0, rate < 1 else { throw LayerError("a dropout rate is at least 0 and below 1, not \(rate)") }
    return input
  }

  /// None: its factors are drawn, not learnt.
  public func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  /// The factor of every input, `[maximumRows, …]`.
  public func workingBytes(_ extent: LayerExtent) -> Double { extent.bytes(perRow: extent.input.count) }
  /// Makes room for the factors; draws them from the model's seed and the layer's index.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundDropout(binding, rate: Float(rate)) }
}

private final class BoundDropout: BoundLayer {
  private let rate: Float
  private let seed: UInt64
  private let layer: UInt64
  /// `[maximumRows, …]`: what the last training `forward` multiplied with.
  private let factors: Tensor

  init(_ binding: LayerBinding, rate: Float) {
    self.rate = rate
    seed = binding.seed
    layer = UInt64(binding.index)
    factors = Tensor(Shape(binding.maximumRows, binding.input.count))
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    guard pass.mode == .training else { return output.copy(from: input) }
    drawFactors(pass)
    var result = output.buffer.mutableSpan
    Arithmetic.multiply(input.buffer.span, factors.rows(pass.rows).buffer.span, into: &result)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    guard pass.mode == .training else { return inputGradient.copy(from: outputGradient) }
    var result = inputGradient.buffer.mutableSpan
    Arithmetic.multiply(outputGradient.buffer.span, factors.rows(pass.rows).buffer.span, into: &result)
  }

  private func drawFactors(_ pass: Pass) {
    let random = Philox(seed, layer, pass.drawKey)
    let width = factors.shape[1]
    for (row, sample) in pass.samples.enumerated() {
      var drawn = factors.slice(row * width..<(row + 1) * width).buffer.mutableSpan
      DropoutMask.fill(&drawn, rate: rate, random: random, sample: UInt64(sample))
    }
  }
}
