import Buffers
import Kernels

/// Normalises each channel (the innermost dimension of `[channels]` or `[height, width, channels]`) over the samples of
/// a ghost batch and their positions, then scales and shifts it. Ghost batches: Hoffer, Hubara and Soudry, "Train
/// longer, generalize better" (NeurIPS 2017).
///
/// A microbatch is cut into ghost batches of `ghostBatch` rows, the last of which may be short. In evaluation the running
/// statistics stand in for those of the batch (`Pass.Mode`).
///
/// Parameters: `weight` (starts at 1), `bias` (0) and the running statistics `runningMean` (0), `runningVariance` (1),
/// all `[channels]`.
public struct BatchNorm: Layer {
  /// Samples that are normalised together, at least 1; the last ghost batch of a microbatch may have fewer.
  public let ghostBatch: Int
  /// Weight of a ghost batch's statistics in the running ones.
  public let momentum: Double
  /// Added to the variance under the root, so that a channel of equal values divides by no zero.
  public let epsilon: Double
  fileprivate private(set) var rectifies = false

  /// The defaults of `momentum` and `epsilon` are PyTorch's.
  public init(ghostBatch: Int, momentum: Double = 0.1, epsilon: Double = 1e-5) {
    self.ghostBatch = ghostBatch
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// Begins the names of its parameters: `batchNorm1.weight`.
  public var kind: String { "batchNorm" }

  /// An update for each ghost batch.
  fileprivate var average: MovingAverage { MovingAverage(weight: momentum, samples: ghostBatch) }
  /// False once a ReLU is fused: its `backward` cuts `outputGradient` in place.
  public var keepsOutputGradient: Bool { !rectifies }

  /// The input's shape; throws `LayerError` where `ghostBatch` is below 1 or the input is a single number.
  public func outputShape(for input: Shape) throws -> Shape {
    guard ghostBatch > 0 else { throw LayerError("a ghost batch needs at least 1 sample, not \(ghostBatch)") }
    guard input.rank > 0 else { throw LayerError("batch norm needs channels, not a single number a sample") }
    return input
  }

  /// Weight, bias, running mean and running variance, `[channels]` each, in this order.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    let channels = Shape(input[input.rank - 1])
    let statistic = Parameter.Role.statistic(average)
    return [
      Parameter(name: "\(name).weight", shape: channels, start: .constant(1)),
      Parameter(name: "\(name).bias", shape: channels, start: .constant(0)),
      Parameter(name: "\(name).runningMean", shape: channels, start: .constant(0), role: statistic),
      Parameter(name: "\(name).runningVariance", shape: channels, start: .constant(1), role: statistic),
    ]
  }

  /// A batch norm that also rectifies, where `next` is a ReLU.
  public func fusing(_ next: any Layer, input: Shape) -> (any Layer)? {
    guard next is ReLU, !rectifies else { return nil }
    var both = self
    both.rectifies = true
    return both
  }

  /// Mean and variance of every ghost batch, and evaluation's factor and offset, `[channels]` each.
  public func workingBytes(_ extent: LayerExtent) -> Double {
    let ghosts = extent.maximumRows / max(1, ghostBatch) + 1
    return LayerExtent.bytes(rows: 2 * (ghosts + 1), extent.input[extent.input.rank - 1])
  }

  /// Makes room for the statistics of all ghost batches that `maximumRows` may hold.
  public func bind(_ binding: LayerBinding) throws -> any BoundLayer { BoundBatchNorm(self, binding) }
}

private final class BoundBatchNorm: BoundLayer {
  private let layer: BatchNorm
  private let channels: Int
  private let positionsPerRow: Int
  /// Weight, bias, running mean, running variance: `[channels]` each.
  private let parameters: [Tensor]
  /// In the same order; empty where only evaluation is asked for.
  private let gradients: [Tensor]
  /// Statistics of the last training `forward`: `[ghost batches, channels]`.
  private let means: Tensor
  private let variances: Tensor
  /// Evaluation as a straight line a channel: `[channels]` each.
  private let factors: Tensor
  private let offsets: Tensor
  /// Nil where several threads compute.
  private let alone: BatchNormalization?
  private let kernels: RowCache<BatchNormalizationForward>
  private let gradientKernels: RowCache<BatchNormalizationGradient>

  init(_ layer: BatchNorm, _ binding: LayerBinding) {
    self.layer = layer
    let channels = binding.input[binding.input.rank - 1]
    let positionsPerRow = binding.input.count / channels
    self.channels = channels
    self.positionsPerRow = positionsPerRow
    parameters = binding.parameters
    gradients = binding.gradients
    let ghosts = (binding.maximumRows + layer.ghostBatch - 1) / layer.ghostBatch
    means = Tensor(Shape(ghosts, channels))
    variances = Tensor(Shape(ghosts, channels))
    factors = Tensor(Shape(channels))
    offsets = Tensor(Shape(channels))
    alone =
      (KernelThreads.count ?? 2) == 1
      ? BatchNormalization(channels: channels, epsilon: Float(layer.epsilon), rectifies: layer.rectifies) : nil
    let kernels = RowCache { rows in
      try BatchNormalizationForward(
        positions: rows * positionsPerRow, channels: channels, epsilon: Float(layer.epsilon))
    }
    self.kernels = kernels
    gradientKernels = RowCache { rows in try BatchNormalizationGradient(of: kernels(rows)) }
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    if pass.mode == .evaluation { return evaluate(input, output) }
    try forEachGhost(pass.rows) { ghost, rows in
      var result = output.rowRange(rows).buffer.mutableSpan
      var mean = means.rowRange(ghost..<ghost + 1).buffer.mutableSpan
      var variance = variances.rowRange(ghost..<ghost + 1).buffer.mutableSpan
      if let alone {
        return alone.forward(
          input.rowRange(rows).buffer.span, weight: parameters[0].buffer.span, bias: parameters[1].buffer.span,
          into: &result, mean: &mean, variance: &variance)
      }
      try kernels(rows.count).run(
        input.rowRange(rows).buffer.span, weight: parameters[0].buffer.span, bias: parameters[1].buffer.span,
        into: &result, mean: &mean, variance: &variance)
      if layer.rectifies { Rectifier.forward(&result) }
    }
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    if pass.overwritesGradients { for gradient in gradients { gradient.fill(0) } }
    // Even a first layer needs the input gradient computed; it then lands where nobody reads it.
    let target = inputGradient ?? outputGradient
    if pass.mode == .evaluation { return evaluateBackward(input, output, outputGradient, target) }
    try forEachGhost(pass.rows) { ghost, rows in
      try goBack(
        ghost, input.rowRange(rows), output.rowRange(rows), outputGradient.rowRange(rows), target.rowRange(rows))
      addStatistics(ghost, rows, pass)
    }
  }

  /// Of a ghost batch, all of whose arrays are given.
  private func goBack(
    _ ghost: Int, _ input: Tensor, _ output: Tensor, _ outputGradient: Tensor, _ target: Tensor
  ) throws {
    var result = target.buffer.mutableSpan
    var weightSums = gradients[0].buffer.mutableSpan
    var biasSums = gradients[1].buffer.mutableSpan
    let (mean, variance) = (means.rowRange(ghost..<ghost + 1), variances.rowRange(ghost..<ghost + 1))
    if let alone {
      return alone.backward(
        input.buffer.span, mean: mean.buffer.span, variance: variance.buffer.span, weight: parameters[0].buffer.span,
        bias: parameters[1].buffer.span, gradient: outputGradient.buffer.span, into: &result, weightSums: &weightSums,
        biasSums: &biasSums)
    }
    if layer.rectifies { rectifyBackward(output, outputGradient) }
    try gradientKernels(input.count / (channels * positionsPerRow)).run(
      input.buffer.span, mean: mean.buffer.span, variance: variance.buffer.span, weight: parameters[0].buffer.span,
      gradient: outputGradient.buffer.span, into: &result, weightSums: &weightSums, biasSums: &biasSums)
  }

  private func rectifyBackward(_ output: Tensor, _ outputGradient: Tensor) {
    var gradient = outputGradient.buffer.mutableSpan
    Rectifier.backward(output: output.buffer.span, gradient: &gradient)
  }

  private func addStatistics(_ ghost: Int, _ rows: Range<Int>, _ pass: Pass) {
    let average = layer.average
    let later = average.updates(for: pass.globalBatch) - 1 - (pass.firstRowInGlobalBatch / layer.ghostBatch + ghost)
    // The views of a step's samples count together as one ghost batch each.
    let share = average.share(later: later) / Double(pass.views)
    let positions = Double(rows.count * positionsPerRow)
    let unbiased = positions > 1 ? positions / (positions - 1) : 1
    var mean = gradients[2].buffer.mutableSpan
    Arithmetic.add(means.rowRange(ghost..<ghost + 1).buffer.span, times: Float(share), to: &mean)
    var variance = gradients[3].buffer.mutableSpan
    Arithmetic.add(variances.rowRange(ghost..<ghost + 1).buffer.span, times: Float(share * unbiased), to: &variance)
  }

  private func evaluate(_ input: Tensor, _ output: Tensor) {
    for channel in 0..<channels {
      let deviation = (parameters[3].buffer[channel] + Float(layer.epsilon)).squareRoot()
      let factor = parameters[0].buffer[channel] / deviation
      factors.buffer[channel] = factor
      offsets.buffer[channel] = parameters[1].buffer[channel] - factor * parameters[2].buffer[channel]
    }
    var result = output.buffer.mutableSpan
    ChannelTransform.apply(
      input.buffer.span, factors: factors.buffer.span, offsets: offsets.buffer.span, into: &result)
    if layer.rectifies { Rectifier.forward(&result) }
  }

  /// The running statistics are constants: each channel is a straight line. Their own slots stay as they are, and no
  /// optimiser may be given what comes of it.
  private func evaluateBackward(_ input: Tensor, _ output: Tensor, _ outputGradient: Tensor, _ target: Tensor) {
    if layer.rectifies { rectifyBackward(output, outputGradient) }
    for channel in 0..<channels {
      let inverse = 1 / (parameters[3].buffer[channel] + Float(layer.epsilon)).squareRoot()
      offsets.buffer[channel] = inverse
      factors.buffer[channel] = parameters[0].buffer[channel] * inverse
    }
    var weightSums = gradients[0].buffer.mutableSpan
    var biasSums = gradients[1].buffer.mutableSpan
    ChannelTransformGradient.addSums(
      input.buffer.span, gradient: outputGradient.buffer.span, means: parameters[2].buffer.span,
      inverseDeviations: offsets.buffer.span, to: &weightSums, &biasSums)
    offsets.fill(0)
    var result = target.buffer.mutableSpan
    ChannelTransform.apply(
      outputGradient.buffer.span, factors: factors.buffer.span, offsets: offsets.buffer.span, into: &result)
  }

  private func forEachGhost(_ rows: Int, _ body: (Int, Range<Int>) throws -> Void) rethrows {
    for ghost in 0..<layer.average.updates(for: rows) {
      try body(ghost, ghost * layer.ghostBatch..<min(rows, (ghost + 1) * layer.ghostBatch))
    }
  }
}
