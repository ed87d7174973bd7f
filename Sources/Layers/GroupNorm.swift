import Buffers
import Kernels

/// Normalises each sample by itself, over the positions and channels of each of `groups` groups of neighbouring channels, then
/// scales and shifts each channel: `[channels]` or `[height, width, channels]`. Wu and He, "Group Normalization" (ECCV
/// 2018); one group is layer norm (Ba, Kiros and Hinton 2016).
///
/// No sample's output depends on another: neither the batch, nor the microbatch, nor training or evaluation changes it.
///
/// Parameters: `weight` (starts at 1) and `bias` (0), `[channels]` each.
public struct GroupNorm: Layer {
  /// Groups of as many channels each.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Double

  /// - Parameter groups: at least 1; a divisor of the channels.
  public init(_ groups: Int, epsilon: Double = 1e-5) {
    self.groups = groups
    self.epsilon = epsilon
  }

  /// `groupNorm`.
  public var kind: String { "groupNorm" }
  /// True: the gradient of the output is only read.
  public var keepsOutputGradient: Bool { true }

  /// As the input. Throws `LayerError` where the channels make no groups of one size.
  public func outputShape(for input: Shape) throws -> Shape {
    guard groups > 0 else { throw LayerError("group norm needs at least 1 group, not \(groups)") }
    guard input.rank > 0 else { throw LayerError("group norm needs channels, not a single number a sample") }
    let channels = input[input.rank - 1]
    guard channels % groups == 0 else {
      throw LayerError(
        "the \(channels) channels of \(input) make no \(groups) groups of one size: take a divisor of \(channels)")
    }
    return input
  }

  /// Weight and bias.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    let channels = Shape(input[input.rank - 1])
    return [
      Parameter(name: "\(name).weight", shape: channels, start: .constant(1)),
      Parameter(name: "\(name).bias", shape: channels, start: .constant(0)),
    ]
  }

  /// Statistics of each sample's groups and four arrays of channels.
  public func workingBytes(_ extent: LayerExtent) -> Double {
    extent.bytes(perRow: 2 * groups) + LayerExtent.bytes(rows: 4, extent.input[extent.input.rank - 1])
  }

  /// A group norm on its memory.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundGroupNorm(self, binding) }
}

private final class BoundGroupNorm: BoundLayer {
  private let kernel: GroupNormalization
  /// Weight and bias: `[channels]` each.
  private let parameters: [Tensor]
  /// In the same order; empty where only evaluation is asked for.
  private let gradients: [Tensor]
  /// Of the last `forward`: `[rows, groups]` each.
  private let means: Tensor
  private let inverseDeviations: Tensor

  init(_ layer: GroupNorm, _ binding: LayerBinding) {
    kernel = GroupNormalization(
      channels: binding.input[binding.input.rank - 1], groups: layer.groups, epsilon: Float(layer.epsilon))
    parameters = binding.parameters
    gradients = binding.gradients
    means = Tensor(Shape(binding.maximumRows, layer.groups))
    inverseDeviations = Tensor(Shape(binding.maximumRows, layer.groups))
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var result = output.buffer.mutableSpan
    var mean = means.rows(pass.rows).buffer.mutableSpan
    var inverse = inverseDeviations.rows(pass.rows).buffer.mutableSpan
    kernel.forward(
      input.buffer.span, weight: parameters[0].buffer.span, bias: parameters[1].buffer.span, into: &result,
      means: &mean,
      inverseDeviations: &inverse)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    if pass.overwritesGradients { for gradient in gradients { gradient.fill(0) } }
    var weightSums = gradients[0].buffer.mutableSpan
    var biasSums = gradients[1].buffer.mutableSpan
    // A first layer's input gradient is computed too; it lands where nobody reads it.
    var result = (inputGradient ?? outputGradient).buffer.mutableSpan
    kernel.backward(
      input.buffer.span, means: means.rows(pass.rows).buffer.span,
      inverseDeviations: inverseDeviations.rows(pass.rows).buffer.span, weight: parameters[0].buffer.span,
      gradients: outputGradient.buffer.span, into: &result, weightSums: &weightSums, biasSums: &biasSums)
  }
}
