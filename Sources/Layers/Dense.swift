import Buffers
import Kernels

/// y = x·W + b, from `[inputs]` to `[width]`. Images need a `Flatten` before it.
///
/// Parameters: `weight` `[inputs, width]`, `bias` `[width]`, both uniform in ±1/√inputs at the start. Without inputs
/// (click data without dense values) it is the bias alone, 0 at the start.
public struct Dense: Layer {
  /// Numbers that it puts out for a sample.
  public let width: Int
  private var rectifies = false

  /// A layer of `width` outputs; `outputShape` refuses less than 1.
  public init(_ width: Int) {
    self.width = width
  }

  /// Begins the names of its parameters: `dense1.weight`.
  public var kind: String { "dense" }
  /// True: the product dY · Wᵀ can be added to what is there.
  public var addsInputGradient: Bool { true }
  /// The bias and weight products come before that of the input; a large weight's in pieces of 2 MiB or more, so that the
  /// first of them can leave while the next is computed.
  public func parameterPieces(for input: Shape) -> Int {
    let bytes = input.count * width * MemoryLayout<Float>.stride
    return max(1, min(bytes / Self.pieceBytes, input.count / Self.pieceRows))
  }

  private static let pieceBytes = 2 << 20
  /// A product of fewer rows takes more time each: oneDNN's sgemm ran at half its speed below some 300 rows (measured at 128,
  /// 512 and 2,048 samples).
  private static let pieceRows = 384

  /// False once a ReLU is fused: its `backward` cuts `outputGradient` in place.
  public var keepsOutputGradient: Bool { !rectifies }

  /// `[width]`; throws `LayerError` where `width` is below 1 or the input is not flat.
  public func outputShape(for input: Shape) throws -> Shape {
    guard width > 0 else { throw LayerError("a dense layer needs at least 1 output, not \(width)") }
    guard input.rank == 1 else {
      throw LayerError("a dense layer needs a flat input, not \(input): put a flatten layer before it")
    }
    return Shape(width)
  }

  /// `weight` `[inputs, width]` and `bias` `[width]`; the bias alone where there are no inputs.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    guard input.count > 0 else { return [Parameter(name: "\(name).bias", shape: Shape(width), start: .constant(0))] }
    let start = Parameter.Start.uniform(limit: 1 / Float(input.count).squareRoot())
    return [
      Parameter(name: "\(name).weight", shape: Shape(input.count, width), start: start),
      Parameter(name: "\(name).bias", shape: Shape(width), start: start),
    ]
  }

  /// A dense layer that also rectifies, where `next` is a ReLU.
  public func fusing(_ next: any Layer, input: Shape) -> (any Layer)? {
    guard next is ReLU, !rectifies else { return nil }
    var both = self
    both.rectifies = true
    return both
  }

  /// Copies of what is multiplied, where that is not floats.
  public func workingBytes(_ extent: LayerExtent) -> Double {
    LinearShape(extent.input.count, width, extent.maximumRows, extent.goesBackward).scratchBytes(extent.precision)
  }

  /// Runs y = x·W + b over `[rows, inputs]`, and dW = xᵀ·dy, db = Σ dy, dx = dy·Wᵀ.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundDense(binding, rectifies: rectifies) }
}

private final class BoundDense: ParametersFirst {
  private let inputs: Int
  private let width: Int
  private let rectifies: Bool
  /// `[inputs, width]`; nil without inputs.
  private let weight: Tensor?
  /// `[width]`
  private let bias: Tensor
  /// Nil where only evaluation is asked for.
  private let weightGradient: Tensor?
  private let biasGradient: Tensor?
  private let products: any LinearProducts

  init(_ binding: LayerBinding, rectifies: Bool) {
    inputs = binding.input.count
    width = binding.output.count
    self.rectifies = rectifies
    weight = inputs > 0 ? binding.parameters[0] : nil
    bias = binding.parameters.last!
    weightGradient = inputs > 0 ? binding.gradients.first : nil
    biasGradient = binding.gradients.last
    products = LinearShape(inputs, width, binding.maximumRows, binding.goesBackward).products(
      binding.precision, weightIsFixed: binding.parametersAreFixed)
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    var result = output.buffer.mutableSpan
    if let weight {
      try products.forward(input, weight, into: &result)
    } else {
      Arithmetic.fill(&result, with: 0)
    }
    if rectifies {
      Bias.addThenRectify(bias.buffer.span, to: &result)
    } else {
      Bias.add(bias.buffer.span, to: &result)
    }
  }

  func parametersBackward(
    piece: Int, of pieces: Int, input: Tensor, output: Tensor, outputGradient: Tensor, _ pass: Pass
  ) throws -> Int {
    if piece == 0 { biasBackward(output, outputGradient, pass) }
    guard let weightGradient else { return width }
    if piece == 0 { products.takeGradient(outputGradient) }
    // Rows of dW [inputs, width] = Xᵀ · dY
    let rows = inputs * piece / pieces..<inputs * (piece + 1) / pieces
    var gradient = weightGradient.buffer.mutableSpan
    try products.weightGradient(
      input, outputGradient, rows: rows, into: &gradient, accumulates: !pass.overwritesGradients)
    return rows.upperBound * width
  }

  /// db [width] = column sums of dY, and where ReLU follows, dY is first cut to where the output is positive.
  private func biasBackward(_ output: Tensor, _ outputGradient: Tensor, _ pass: Pass) {
    var sums = biasGradient!.buffer.mutableSpan
    if pass.overwritesGradients { Arithmetic.fill(&sums, with: 0) }
    if rectifies {
      var gradient = outputGradient.buffer.mutableSpan
      Bias.rectifyBackward(output: output.buffer.span, gradient: &gradient, addingColumnSumsTo: &sums)
    } else {
      Bias.addColumnSums(of: outputGradient.buffer.span, to: &sums)
    }
  }

  /// dX [rows, inputs] = dY [rows, width] · Wᵀ
  func inputBackward(outputGradient: Tensor, inputGradient: Tensor, adds: Bool, _ pass: Pass) throws {
    guard let weight else { return }
    var result = inputGradient.buffer.mutableSpan
    try products.inputGradient(outputGradient, weight, into: &result, accumulates: adds)
  }
}
