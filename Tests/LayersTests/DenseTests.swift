import Buffers
import Layers
import Testing

@Suite struct DenseTests {
  @Test(arguments: [1, 3, 6])
  func gradientsEqualFiniteDifferences(_ rows: Int) throws {
    let harness = try LayerHarness(Dense(7), input: Shape(5), maximumRows: 6)
    let check = GradientCheck(harness: harness, samples: Array(0..<rows))
    #expect(try check.largestDifference(numbers(5 * rows, 1)) < 1e-4)
  }

  @Test func withReLUItIsDenseThenReLU() throws {
    let input = Shape(9)
    let both = try LayerHarness(#require(Dense(17).fusing(ReLU(), input: input)), input: input, maximumRows: 19)
    let dense = try LayerHarness(Dense(17), input: input, maximumRows: 19)
    let relu = try LayerHarness(ReLU(), input: Shape(17), maximumRows: 19)
    let values = numbers(9 * 19, 1)
    let gradient = numbers(17 * 19, 2)
    try withPass(Array(0..<19)) { pass in
      let between = try dense.forward(values, pass)
      #expect(try both.forward(values, pass) == relu.forward(between, pass))
      let betweenGradient = try relu.backward(between, outputGradient: gradient, pass)
      let expected = try dense.backward(values, outputGradient: betweenGradient, pass)
      #expect(try both.backward(values, outputGradient: gradient, pass) == expected)
      #expect(both.gradients.map(\.values) == dense.gradients.map(\.values))
    }
  }

  @Test func refusesImagesAndNoOutputs() {
    #expect(throws: LayerError.self) { try Dense(4).outputShape(for: Shape(28, 28, 1)) }
    #expect(throws: LayerError.self) { try Dense(0).outputShape(for: Shape(3)) }
  }
}
