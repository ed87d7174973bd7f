import Buffers
import Kernels

/// Cross layers one after another, from `[inputs]` to `[inputs]`: x ← x₀ ⊙ (x·W + b) + x, where x₀ is what went into the
/// first of them. Wang et al., "DCN V2" (WWW 2021), equation 1.
///
/// Parameters of the n-th, from 1: `weight<n>` `[inputs, inputs]`, `bias<n>` `[inputs]`, uniform in ±1/√inputs at the start.
public struct Cross: Layer {
  /// How many.
  public let depth: Int

  /// A stack of `depth` cross layers; `outputShape` refuses less than 1.
  public init(_ depth: Int) {
    self.depth = depth
  }

  /// Begins the names of its parameters: `cross1.weight1`.
  public var kind: String { "cross" }
  /// True: its `backward` can add to the gradient of x₀.
  public var addsInputGradient: Bool { true }

  /// The input's shape, `[inputs]`; throws `LayerError` where `depth` is below 1 or the input is not flat.
  public func outputShape(for input: Shape) throws -> Shape {
    guard depth > 0 else { throw LayerError("a cross network needs at least 1 layer, not \(depth)") }
    guard input.rank == 1, input.count > 0 else { throw LayerError("a cross network needs a flat input, not \(input)") }
    return input
  }

  /// `weight1` `[inputs, inputs]`, `bias1` `[inputs]`, `weight2`, `bias2` and so on.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    let start = Parameter.Start.uniform(limit: 1 / Float(input.count).squareRoot())
    return (1...max(depth, 1)).flatMap { number in
      [
        Parameter(name: "\(name).weight\(number)", shape: Shape(input.count, input.count), start: start),
        Parameter(name: "\(name).bias\(number)", shape: input, start: start),
      ]
    }
  }

  /// Room for what goes into and comes out of each layer's product, `[maximumRows, inputs]` each, for the product's
  /// gradient, and for that of x₀ where nobody asks for it.
  public func workingBytes(_ extent: LayerExtent) -> Double {
    let gradients = extent.goesBackward ? (extent.needsInputGradient ? 1 : 2) : 0
    return Double(2 * depth - 1 + gradients) * extent.bytes(perRow: extent.input.count)
      + Double(depth)
      * Self.products(extent.input.count, extent.maximumRows, extent.goesBackward).scratchBytes(extent.precision)
  }

  fileprivate static func products(_ width: Int, _ rows: Int, _ goesBackward: Bool) -> LinearShape {
    LinearShape(width, width, rows, goesBackward)
  }

  /// Makes room for each layer's input and product, which `backward` reads.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundCross(self, binding) }
}

private final class BoundCross: BoundLayer, InputGradientAdding {
  private let depth: Int
  private let width: Int
  /// Weight `[width, width]` and bias `[width]` of each layer, by turns.
  private let parameters: [Tensor]
  /// In the same order; empty where only evaluation is asked for.
  private let gradients: [Tensor]
  /// Inputs of each layer but the first, `[maximumRows, width]`.
  private let states: [Tensor]
  /// Each layer's x·W + b in the last `forward`, `[maximumRows, width]`.
  private let products: [Tensor]
  /// With respect to one layer's x·W + b, `[maximumRows, width]`.
  private let productGradient: Tensor?
  /// With respect to x₀, where nobody asks for it.
  private let unusedGradient: Tensor?
  /// Of each layer.
  private let linear: [any LinearProducts]

  init(_ layer: Cross, _ binding: LayerBinding) {
    depth = layer.depth
    width = binding.input.count
    parameters = binding.parameters
    gradients = binding.gradients
    let shape = binding.input.batched(binding.maximumRows)
    let sizes = Cross.products(width, binding.maximumRows, binding.goesBackward)
    linear = (0..<layer.depth).map { _ in sizes.products(binding.precision, weightIsFixed: binding.parametersAreFixed) }
    states = (1..<layer.depth).map { _ in Tensor(shape) }
    products = (0..<layer.depth).map { _ in Tensor(shape) }
    productGradient = binding.goesBackward ? Tensor(shape) : nil
    unusedGradient = binding.goesBackward && !binding.needsInputGradient ? Tensor(shape) : nil
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    for number in 0..<depth {
      let state = state(number, input, pass.rows)
      var product = products[number].rows(pass.rows).buffer.mutableSpan
      try linear[number].forward(state, parameters[2 * number], into: &product)
      var result = (number == depth - 1 ? output : states[number].rows(pass.rows)).buffer.mutableSpan
      CrossProducts.forward(
        start: input.buffer.span, products: &product, bias: parameters[2 * number + 1].buffer.span,
        state: state.buffer.span, into: &result)
    }
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    try backward(input, outputGradient, inputGradient ?? unusedGradient!.rows(pass.rows), adds: false, pass)
  }

  func backward(
    input: Tensor, output: Tensor, outputGradient: Tensor, addingTo inputGradient: Tensor, _ pass: Pass
  ) throws {
    try backward(input, outputGradient, inputGradient, adds: true, pass)
  }

  /// `gradient` is that with respect to a layer's output and becomes that with respect to its input; x₀'s share of each
  /// layer is collected in `target`.
  private func backward(_ input: Tensor, _ gradient: Tensor, _ target: Tensor, adds: Bool, _ pass: Pass) throws {
    for number in (0..<depth).reversed() {
      let change = productGradient!.rows(pass.rows)
      var changes = change.buffer.mutableSpan
      var starts = target.buffer.mutableSpan
      CrossProducts.backward(
        gradients: gradient.buffer.span, start: input.buffer.span,
        products: products[number].rows(pass.rows).buffer.span, productGradients: &changes, startGradients: &starts,
        adds: adds || number < depth - 1)
      try parameterGradients(number, state(number, input, pass.rows), change, pass)
      var before = gradient.buffer.mutableSpan
      try linear[number].inputGradient(change, parameters[2 * number], into: &before, accumulates: true)
    }
    var sum = target.buffer.mutableSpan
    Arithmetic.add(gradient.buffer.span, to: &sum)
  }

  private func parameterGradients(_ number: Int, _ state: Tensor, _ change: Tensor, _ pass: Pass) throws {
    var weight = gradients[2 * number].buffer.mutableSpan
    linear[number].takeGradient(change)
    try linear[number].weightGradient(
      state, change, rows: 0..<width, into: &weight, accumulates: !pass.overwritesGradients)
    var bias = gradients[2 * number + 1].buffer.mutableSpan
    if pass.overwritesGradients { Arithmetic.fill(&bias, with: 0) }
    Bias.addColumnSums(of: change.buffer.span, to: &bias)
  }

  /// The input of a layer.
  private func state(_ number: Int, _ input: Tensor, _ rows: Int) -> Tensor {
    number == 0 ? input : states[number - 1].rows(rows)
  }
}
