import Buffers
import Layers
import Testing

@Suite struct ClickLayerTests {
  /// Three fields of four samples in a table of 9 rows; rows repeat within a field, a sample and a batch.
  static let ids: [Int32] = [0, 4, 8, 0, 4, 7, 2, 2, 2, 0, 5, 8]

  private func check(
    _ layer: any Layer, input: Int, rows: Int = 4, ids: [Int32] = [], step: Float = 1e-2
  ) throws -> Float {
    let harness = try LayerHarness(layer, input: Shape(input), maximumRows: rows + 1)
    for (number, parameter) in harness.parameters.enumerated() {
      // Larger than the usual starting values, so that a term that is missing shows.
      parameter.copy(from: Tensor(numbers(parameter.count, UInt64(90 + number)), shape: parameter.shape))
    }
    let check = GradientCheck(harness: harness, samples: Array(0..<rows), ids: ids, step: step)
    return try check.largestDifference(numbers(rows * input, 1))
  }

  @Test(arguments: [1, 5, 16, 20], [0, 2, 17])
  func embeddingGradientsEqualFiniteDifferences(_ width: Int, values: Int) throws {
    #expect(try check(Embedding(rows: 9, fields: 3, width: width), input: values, ids: Self.ids) < 1e-3)
  }

  @Test func embeddingPutsRowsThenValuesSideBySide() throws {
    let harness = try LayerHarness(Embedding(rows: 9, fields: 3, width: 5), input: Shape(2), maximumRows: 4)
    let values = numbers(8, 1)
    let output = try withPass(Array(0..<4), ids: Self.ids) { try harness.forward(values, $0) }
    let table = harness.parameters[0].values
    for sample in 0..<4 {
      let rows = Self.ids[sample * 3..<sample * 3 + 3].flatMap { table[Int($0) * 5..<Int($0) * 5 + 5] }
      #expect(Array(output[sample * 17..<sample * 17 + 17]) == rows + values[sample * 2..<sample * 2 + 2])
    }
  }

  @Test func fieldLinearGradientsEqualFiniteDifferences() throws {
    #expect(try check(FieldLinear(rows: 9, fields: 3), input: 2, ids: Self.ids) < 1e-3)
  }

  @Test(arguments: [1, 5, 16, 19, 33], [0, 2])
  func factorizationGradientsEqualFiniteDifferences(_ width: Int, more: Int) throws {
    let layer = FactorizationInteraction(fields: 3, width: width)
    #expect(try check(layer, input: 3 * width + more) < 1e-3)
  }

  @Test(arguments: [1, 5, 16, 19], [(2, false), (4, true), (4, false), (19, true)])
  func dotInteractionGradientsEqualFiniteDifferences(_ width: Int, _ shape: (vectors: Int, keepsLast: Bool)) throws {
    let layer = DotInteraction(width: width, keepsLast: shape.keepsLast)
    #expect(try check(layer, input: shape.vectors * width) < 1e-3)
  }

  @Test(arguments: [1, 2, 3])
  func crossGradientsEqualFiniteDifferences(_ depth: Int) throws {
    #expect(try check(Cross(depth), input: 5, step: 2e-3) < 2e-3)
  }

  @Test func crossIsTheFormulaOfThePaper() throws {
    let harness = try LayerHarness(Cross(2), input: Shape(3), maximumRows: 1)
    let start = numbers(3, 1)
    var state = start
    for number in 0..<2 {
      let (weight, bias) = (harness.parameters[2 * number].values, harness.parameters[2 * number + 1].values)
      state = (0..<3).map { column in
        let product = (0..<3).reduce(bias[column]) { $0 + state[$1] * weight[$1 * 3 + column] }
        return start[column] * product + state[column]
      }
    }
    #expect(difference(try withPass([0]) { try harness.forward(start, $0) }, state) < 1e-6)
  }

  @Test func tablesAddUpOverMicrobatchesAndForgetTheStepBefore() throws {
    for layer in [Embedding(rows: 9, fields: 3, width: 5) as any Layer, FieldLinear(rows: 9, fields: 3)] {
      let whole = try LayerHarness(layer, input: Shape(2), maximumRows: 4)
      let parts = try LayerHarness(layer, input: Shape(2), maximumRows: 4)
      let (values, gradient) = (numbers(8, 1), numbers(4 * whole.output.count, 2))
      _ = try withPass(Array(0..<4), ids: Self.ids) { try whole.backward(values, outputGradient: gradient, $0) }
      // A step that touches other rows, then this one in two parts: row 2 is touched in the second only.
      let other = Self.ids.map { ($0 + 1) % 9 }
      _ = try withPass(Array(0..<4), ids: other) { try parts.backward(values, outputGradient: gradient, $0) }
      for rows in [0..<2, 2..<4] {
        let width = whole.output.count
        _ = try withPass(
          Array(rows), ids: Array(Self.ids[rows.lowerBound * 3..<rows.upperBound * 3]), overwrites: rows.lowerBound == 0
        ) { pass in
          try parts.backward(
            Array(values[rows.lowerBound * 2..<rows.upperBound * 2]),
            outputGradient: Array(gradient[rows.lowerBound * width..<rows.upperBound * width]), pass)
        }
      }
      #expect(difference(parts.allGradients[0], whole.allGradients[0]) < 1e-6, "\(layer.kind)")
      #expect(parts.tables?.rows.count == Set(Self.ids).count)
    }
  }

  @Test func evaluationNeedsNoTableGradients() throws {
    let layer = Embedding(rows: 9, fields: 3, width: 4)
    let model = try Model(name: "test", input: Shape(0), layers: [layer, Dense(1)], loss: BinaryCrossEntropy())
    let parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 1)
    let network = try Network(model, parameters: parameters, gradients: nil, maximumRows: 4, seed: 1)
    let outputs = try withPass(Array(0..<4), ids: Self.ids, mode: .evaluation) {
      try network.forward(Tensor(Shape(4, 0)), $0)
    }
    #expect(outputs.count == 4 && outputs.values.allSatisfy(\.isFinite))
  }

  @Test func denseOfNothingIsItsBias() throws {
    #expect(try check(Dense(3), input: 0) < 1e-3)
    let harness = try LayerHarness(Dense(2), input: Shape(0), maximumRows: 2)
    harness.parameters[0].copy(from: Tensor([3, -1], shape: Shape(2)))
    #expect(try withPass([0, 1]) { try harness.forward([], $0) } == [3, -1, 3, -1])
  }

  @Test func whatDoesNotFitIsRefused() {
    let misfits: [(any Layer, Shape)] = [
      (Embedding(rows: 9, fields: 3, width: 0), Shape(2)), (Embedding(rows: 9, fields: 3, width: 4), Shape(2, 2, 1)),
      (Embedding(rows: 1 << 31, fields: 3, width: 4), Shape(2)), (Embedding(rows: 9, fields: 0, width: 4), Shape(2)),
      (FieldLinear(rows: 0, fields: 3), Shape(2)), (FactorizationInteraction(fields: 3, width: 4), Shape(11)),
      (DotInteraction(width: 4, keepsLast: true), Shape(13)), (DotInteraction(width: 4, keepsLast: true), Shape(4)),
      (Cross(0), Shape(4)), (Cross(1), Shape(2, 2, 1)),
    ]
    for (layer, input) in misfits {
      #expect(throws: LayerError.self, "\(layer) on \(input)") { try layer.outputShape(for: input) }
    }
  }
}
