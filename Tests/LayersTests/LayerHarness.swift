import Buffers
import Kernels
import Layers

/// Repeatable numbers in -1..<1.
func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
  let random = Philox(seed)
  return (0..<count).map { 2 * Philox.unit(random.block(UInt64($0), 0).x) - 1 }
}

/// The largest difference, as a share of the largest expected magnitude (at least 1).
func difference(_ values: [Float], _ expected: [Float]) -> Float {
  guard values.count == expected.count else { return .infinity }
  let scale = expected.reduce(1) { max($0, abs($1)) }
  return zip(values, expected).reduce(0) { max($0, $1.0.isNaN != $1.1.isNaN ? .infinity : abs($1.0 - $1.1)) } / scale
}

/// Runs `body` with a pass over `samples`, which have `ids`.
func withPass<Result>(
  _ samples: [Int], ids: [Int32] = [], weights: [Float] = [], mode: Pass.Mode = .training, epoch: Int = 0,
  overwrites: Bool = true,
  globalBatch: Int? = nil, first: Int = 0, view: Int = 0, views: Int = 1, _ body: (Pass) throws -> Result
) rethrows -> Result {
  try samples.withUnsafeBufferPointer { samples in
    try ids.withUnsafeBufferPointer { ids in
      try weights.withUnsafeBufferPointer { weights in
        try body(
          Pass(
            mode: mode, epoch: epoch, samples: samples, ids: ids, weights: weights, overwritesGradients: overwrites,
            globalBatch: globalBatch ?? samples.count, firstRowInGlobalBatch: first, view: view,
            views: views))
      }
    }
  }
}

/// One layer with memory of its own, run by itself.
final class LayerHarness {
  let bound: any BoundLayer
  let input: Shape
  let output: Shape
  /// Tables last.
  let parameters: [Tensor]
  /// Gradients of what is not a table.
  let gradients: [Tensor]
  let tables: TableGradients?

  init(
    _ layer: any Layer, input: Shape, maximumRows: Int, index: Int = 3, seed: UInt64 = 11,
    precision: ProductPrecision = .float32
  ) throws {
    self.input = input
    output = try layer.outputShape(for: input)
    let layout = ParameterLayout(layers: [layer.parameters(named: "\(layer.kind)1", for: input)])
    let arena = Tensor(Shape(layout.count))
    layout.initialize(arena, seed: seed)
    parameters = layout.views(of: arena)[0]
    gradients = layout.views(of: Tensor(Shape(layout.denseCount)))[0]
    tables = TableGradients(layout)
    bound = try layer.bind(
      LayerBinding(
        input: input, output: output, maximumRows: maximumRows, parameters: parameters, gradients: gradients,
        rowGradients: tables?.tables ?? [], index: index, seed: seed, needsInputGradient: true, precision: precision))
  }

  /// The gradient of each parameter, whole: rows of a table that nothing touched have 0.
  var allGradients: [[Float]] { gradients.map(\.values) + (tables?.tables ?? []).map(\.allRows) }

  func forward(_ values: [Float], _ pass: Pass) throws -> [Float] {
    let result = Tensor(output.batched(pass.rows))
    try bound.forward(Tensor(values, shape: input.batched(pass.rows)), result, pass)
    return result.values
  }

  /// Forward, then backward with `outputGradient`; gives the gradient with respect to the input.
  func backward(_ values: [Float], outputGradient: [Float], _ pass: Pass) throws -> [Float] {
    let input = Tensor(values, shape: self.input.batched(pass.rows))
    let output = Tensor(self.output.batched(pass.rows))
    let inputGradient = Tensor(self.input.batched(pass.rows))
    inputGradient.fill(.nan)
    try bound.forward(input, output, pass)
    if pass.overwritesGradients { tables?.clear() }
    tables?.rows.touch(all: pass.ids)
    try bound.backward(
      input: input, output: output, outputGradient: Tensor(outputGradient, shape: output.shape),
      inputGradient: inputGradient, pass)
    return inputGradient.values
  }
}

extension RowGradients {
  /// `[tableRows, width]`, flat.
  var allRows: [Float] {
    var all = Array(repeating: Float(0), count: tableRows * width)
    let values = values.values
    for (number, row) in rows.ids.enumerated() {
      for column in 0..<width { all[Int(row) * width + column] = values[number * width + column] }
    }
    return all
  }
}

/// How far a layer's gradients are from central differences of Σ coefficient · output, summed in Double.
struct GradientCheck {
  let harness: LayerHarness
  let samples: [Int]
  var ids: [Int32] = []
  var mode = Pass.Mode.training
  var step: Float = 1e-2
  /// Gives the gradient; nil for `harness`, whose outputs the differences are of.
  var analytic: LayerHarness?

  /// The largest difference over every input and every element of the parameters (all of them, unless told), as a share
  /// of the largest gradient of its array (at least 1).
  func largestDifference(_ values: [Float], parameters: Range<Int>? = nil) throws -> Float {
    let coefficients = numbers(harness.output.count * samples.count, 77)
    let giving = self.analytic ?? harness
    let analytic = try withPass(samples, ids: ids, mode: mode) {
      try giving.backward(values, outputGradient: coefficients, $0)
    }
    let analyticParameters = giving.allGradients
    var largest = try compare(analytic) { index, change in
      var moved = values
      moved[index] += change
      return try objective(moved, coefficients)
    }
    for place in parameters ?? harness.parameters.indices {
      let (parameter, expected) = (harness.parameters[place], analyticParameters[place])
      let difference = try compare(expected) { index, change in
        let before = parameter.buffer[index]
        defer { parameter.buffer[index] = before }
        parameter.buffer[index] = before + change
        return try objective(values, coefficients)
      }
      largest = max(largest, difference)
    }
    return largest
  }

  private func compare(_ analytic: [Float], _ objective: (Int, Float) throws -> Double) rethrows -> Float {
    let numeric = try analytic.indices.map { index in
      Float((try objective(index, step) - objective(index, -step)) / (2 * Double(step)))
    }
    return difference(analytic, numeric)
  }

  private func objective(_ values: [Float], _ coefficients: [Float]) throws -> Double {
    let outputs = try withPass(samples, ids: ids, mode: mode) { try harness.forward(values, $0) }
    return zip(outputs, coefficients).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
