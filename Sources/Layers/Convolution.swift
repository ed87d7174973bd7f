import Buffers
import Kernels

/// 2-D convolution (cross-correlation, as everywhere in the field), with bias unless told otherwise, from `[height, width, channels]` to
/// `[height', width', filters]`.
///
/// Parameters: `weight` `[kernel, kernel, channels, filters]`, `bias` `[filters]`, both uniform in ±1/√(kernel² ·
/// channels) at the start.
public struct Convolution: Layer {
  /// Channels of the output.
  public let filters: Int
  /// Height and width of the window, in positions.
  public let kernel: Int
  /// Positions from one window to the next, both ways.
  public let stride: Int
  /// Positions of zeros around the image, on each side; less than `kernel`.
  public let padding: Int
  /// False before a batch norm, which takes a bias away again.
  public let hasBias: Bool
  private var ending = Ending.none

  /// The work that the layer also does on the way out.
  private enum Ending { case none, rectifies, rectifiesAndPools }

  /// - Parameter padding: zeros on each side; nil means kernel ÷ 2, which keeps the size for odd kernels and stride 1.
  public init(_ filters: Int, kernel: Int, stride: Int = 1, padding: Int? = nil, bias: Bool = true) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? kernel / 2
    hasBias = bias
  }

  /// Begins the names of its parameters: `convolution1.weight`.
  public var kind: String { "convolution" }
  /// False once a ReLU is fused: its `backward` cuts `outputGradient` in place.
  public var keepsOutputGradient: Bool { ending == .none }

  /// `[⌊(height + 2 · padding − kernel) / stride⌋ + 1, …, filters]`, both sides halved where a pooling is fused; throws
  /// `LayerError` where the input is no image or the window does not fit once.
  public func outputShape(for input: Shape) throws -> Shape {
    let window = try window(on: input).output
    return ending == .rectifiesAndPools ? Shape(window[0] / 2, window[1] / 2, window[2]) : window
  }

  /// `weight` `[kernel, kernel, channels, filters]` and, with a bias, `bias` `[filters]`.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    let start = Parameter.Start.uniform(limit: 1 / Float(kernel * kernel * input[2]).squareRoot())
    let weight = Parameter(name: "\(name).weight", shape: Shape(kernel, kernel, input[2], filters), start: start)
    guard hasBias else { return [weight] }
    return [weight, Parameter(name: "\(name).bias", shape: Shape(filters), start: start)]
  }

  /// A convolution that also rectifies, where `next` is a ReLU; after that one that also pools, where `next` is a 2×2
  /// max pool with stride 2 over even sides.
  public func fusing(_ next: any Layer, input: Shape) -> (any Layer)? {
    var both = self
    switch (ending, next) {
    case (.none, is ReLU): both.ending = .rectifies
    case (.rectifies, let pool as MaxPool) where hasBias && !skips && pool.halves(try? outputShape(for: input)):
      both.ending = .rectifiesAndPools
    default: return nil
    }
    return both
  }

  /// Weights in oneDNN's own order, once to run forward and twice more to go backward, and what a fused pooling or a
  /// 1×1 window with a stride keeps.
  public func workingBytes(_ extent: LayerExtent) -> Double {
    guard let window = try? window(on: extent.input) else { return 0 }
    // oneDNN keeps the weights in its own order, for each direction.
    let weights =
      LayerExtent.bytes(rows: extent.goesBackward ? 3 : 1, window.weightShape.count)
      + ConvolutionChunks.scratchBytes(window, extent)
    if skips { return weights + BoundStridedPointConvolution.workingBytes(extent) }
    guard ending == .rectifiesAndPools else { return weights }
    let chunk = ConvolutionChunks.rows(window, atMost: extent.maximumRows)
    return weights + LayerExtent.bytes(rows: chunk, window.output.count)
      + Double(extent.maximumRows) * Double(extent.output.count)
  }

  /// Throws `LayerError` where the window does not fit on the input.
  public func bind(_ binding: LayerBinding) throws -> any BoundLayer {
    guard skips else { return bind(binding, try window(on: binding.input)) }
    return try BoundStridedPointConvolution(binding, stride: stride, bind)
  }

  /// Whether there are positions that it never looks at.
  private var skips: Bool { kernel == 1 && stride > 1 }

  private func bind(_ binding: LayerBinding, _ window: Window) -> any BoundLayer {
    switch ending {
    case .none: return BoundConvolution(binding, window, rectifies: false)
    case .rectifies: return BoundConvolution(binding, window, rectifies: true)
    case .rectifiesAndPools: return BoundPooledConvolution(binding, window)
    }
  }

  private func window(on input: Shape) throws -> Window {
    guard filters > 0 else { throw LayerError("a convolution needs at least 1 filter, not \(filters)") }
    return try Window(
      "a convolution", input, kernel: kernel, stride: stride, padding: padding, outputChannels: filters)
  }
}

/// The plain form: results go straight to the output.
private final class BoundConvolution: BoundLayer {
  private let chunks: ConvolutionChunks
  private let rectifies: Bool

  init(_ binding: LayerBinding, _ window: Window, rectifies: Bool) {
    chunks = ConvolutionChunks(binding, window)
    self.rectifies = rectifies
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    chunks.weightsChanged()
    try chunks.forEach(pass.rows) { rows, kernels in
      var result = output.rowRange(rows).buffer.mutableSpan
      try kernels.forward(input.rowRange(rows), into: &result)
      switch (chunks.bias, rectifies) {
      case (let bias?, true): Bias.addThenRectify(bias.buffer.span, to: &result)
      case (let bias?, false): Bias.add(bias.buffer.span, to: &result)
      case (nil, true): Rectifier.forward(&result)
      case (nil, false): break
      }
    }
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    chunks.beginBackward(pass)
    try chunks.forEach(pass.rows) { rows, kernels in
      biasBackward(output.rowRange(rows), outputGradient.rowRange(rows))
      try kernels.backward(
        input: input.rowRange(rows), outputGradient: outputGradient.rowRange(rows),
        inputGradient: inputGradient?.rowRange(rows))
    }
    try chunks.finishBackward(pass)
  }

  private func biasBackward(_ output: Tensor, _ outputGradient: Tensor) {
    guard let biasGradient = chunks.biasGradient else {
      var gradient = outputGradient.buffer.mutableSpan
      if rectifies { Rectifier.backward(output: output.buffer.span, gradient: &gradient) }
      return
    }
    var sums = biasGradient.buffer.mutableSpan
    if rectifies {
      var gradient = outputGradient.buffer.mutableSpan
      Bias.rectifyBackward(output: output.buffer.span, gradient: &gradient, addingColumnSumsTo: &sums)
    } else {
      Bias.addColumnSums(of: outputGradient.buffer.span, to: &sums)
    }
  }
}
