import Buffers
import Layers
import Testing

@Suite struct ConvolutionTests {
  @Test(arguments: [(1, 1), (3, 1), (2, 2)])
  func gradientsEqualFiniteDifferences(_ rows: Int, stride: Int) throws {
    let layer = Convolution(3, kernel: 3, stride: stride)
    let harness = try LayerHarness(layer, input: Shape(5, 4, 2), maximumRows: 3)
    let check = GradientCheck(harness: harness, samples: Array(0..<rows))
    #expect(try check.largestDifference(numbers(40 * rows, 1)) < 2e-4)
  }

  @Test(arguments: [1, 2]) func withoutBiasItIsTheSameButForTheBias(stride: Int) throws {
    let input = Shape(5, 4, 2)
    let with = try LayerHarness(Convolution(3, kernel: 3, stride: stride), input: input, maximumRows: 2)
    let without = try LayerHarness(Convolution(3, kernel: 3, stride: stride, bias: false), input: input, maximumRows: 2)
    #expect(without.parameters.count == 1)
    with.parameters[1].fill(0)
    let values = numbers(80, 1)
    try withPass([0, 1]) { pass in
      let (output, expected) = (try without.forward(values, pass), try with.forward(values, pass))
      #expect(output == expected)
      let gradient = numbers(output.count, 2)
      let back = try without.backward(values, outputGradient: gradient, pass)
      let expectedBack = try with.backward(values, outputGradient: gradient, pass)
      #expect(back == expectedBack)
      #expect(without.gradients[0].values == with.gradients[0].values)
    }
  }

  /// As it is defined: each position that is looked at is a product of its channels and the weights. Sizes with positions
  /// left over and without, channels that are not whole vectors, several chunks of rows.
  @Test(arguments: [(14, 4, 8), (7, 3, 5), (32, 16, 32)], [2, 3])
  func kernelsOfOneWithAStrideEqualTheDefinition(_ sizes: (side: Int, channels: Int, filters: Int), stride: Int) throws
  {
    let (side, channels, filters) = sizes
    let rows = 3
    let layer = Convolution(filters, kernel: 1, stride: stride, bias: false)
    let harness = try LayerHarness(layer, input: Shape(side, side, channels), maximumRows: rows)
    let after = (side - 1) / stride + 1
    #expect(harness.output == Shape(after, after, filters))
    let values = numbers(rows * side * side * channels, 1)
    let gradient = numbers(rows * after * after * filters, 2)
    let weight = harness.parameters[0].values
    var output = Array(repeating: Double(0), count: gradient.count)
    var (back, weights) = (Array(repeating: Double(0), count: values.count), weight.map { _ in Double(0) })
    for place in 0..<rows * after * after {
      let (row, y, x) = (place / (after * after), place / after % after, place % after)
      let source = ((row * side + y * stride) * side + x * stride) * channels
      for from in 0..<channels {
        for to in 0..<filters {
          let (input, result) = (source + from, place * filters + to)
          output[result] += Double(values[input]) * Double(weight[from * filters + to])
          back[input] += Double(gradient[result]) * Double(weight[from * filters + to])
          weights[from * filters + to] += Double(gradient[result]) * Double(values[input])
        }
      }
    }
    try withPass(Array(0..<rows)) { pass in
      let found = try harness.forward(values, pass)
      #expect(difference(found, output.map { Float($0) }) < 1e-5)
      let sent = try harness.backward(values, outputGradient: gradient, pass)
      #expect(difference(sent, back.map { Float($0) }) < 1e-5)
      #expect(difference(harness.gradients[0].values, weights.map { Float($0) }) < 1e-5)
    }
  }

  @Test func withoutBiasItRectifiesToo() throws {
    let input = Shape(4, 4, 2)
    let convolution = Convolution(3, kernel: 3, bias: false)
    let fused = try #require(convolution.fusing(ReLU(), input: input))
    #expect(fused.fusing(MaxPool(2), input: input) == nil)
    let harness = try LayerHarness(fused, input: input, maximumRows: 2)
    let apart = try LayerHarness(convolution, input: input, maximumRows: 2)
    let rectifier = try LayerHarness(ReLU(), input: apart.output, maximumRows: 2)
    let values = numbers(64, 1)
    let gradient = numbers(96, 2)
    try withPass([0, 1]) { pass in
      let convolved = try apart.forward(values, pass)
      #expect(try harness.forward(values, pass) == rectifier.forward(convolved, pass))
      let inner = try rectifier.backward(convolved, outputGradient: gradient, pass)
      #expect(
        try harness.backward(values, outputGradient: gradient, pass)
          == apart.backward(values, outputGradient: inner, pass))
    }
  }

  /// More rows than a chunk holds, so that chunks of two sizes come together.
  @Test func withReLUAndPoolingItIsTheThreeLayers() throws {
    let input = Shape(64, 64, 2)
    let convolution = Convolution(16, kernel: 5)
    let withReLU = try #require(convolution.fusing(ReLU(), input: input))
    let withPooling = try #require(withReLU.fusing(MaxPool(2), input: input))
    let rows = 9
    let first = try LayerHarness(convolution, input: input, maximumRows: rows)
    let second = try LayerHarness(ReLU(), input: first.output, maximumRows: rows)
    let third = try LayerHarness(MaxPool(2), input: first.output, maximumRows: rows)
    let two = try LayerHarness(withReLU, input: input, maximumRows: rows)
    let three = try LayerHarness(withPooling, input: input, maximumRows: rows)
    #expect(three.output == third.output)

    let values = numbers(input.count * rows, 1)
    try withPass(Array(0..<rows)) { pass in
      let convolved = try first.forward(values, pass)
      let rectified = try second.forward(convolved, pass)
      #expect(try two.forward(values, pass) == rectified)
      #expect(try three.forward(values, pass) == third.forward(rectified, pass))

      let wide = numbers(rectified.count, 2)
      var expected = try first.backward(
        values, outputGradient: second.backward(convolved, outputGradient: wide, pass), pass)
      #expect(difference(try two.backward(values, outputGradient: wide, pass), expected) < 1e-5)
      for (gradient, right) in zip(two.gradients, first.gradients) {
        #expect(difference(gradient.values, right.values) < 1e-5)
      }
      let narrow = numbers(rows * third.output.count, 3)
      let unpooled = try third.backward(rectified, outputGradient: narrow, pass)
      expected = try first.backward(
        values, outputGradient: second.backward(convolved, outputGradient: unpooled, pass), pass)
      #expect(difference(try three.backward(values, outputGradient: narrow, pass), expected) < 1e-5)
      for (gradient, right) in zip(three.gradients, first.gradients) {
        #expect(difference(gradient.values, right.values) < 1e-5)
      }
    }
  }

  @Test func fusesOnlyWhatItCanDo() throws {
    let convolution = Convolution(2, kernel: 3)
    let even = Shape(4, 4, 1)
    let withReLU = try #require(convolution.fusing(ReLU(), input: even))
    #expect(convolution.fusing(MaxPool(2), input: even) == nil)
    #expect(withReLU.fusing(ReLU(), input: even) == nil)
    #expect(withReLU.fusing(MaxPool(2), input: Shape(5, 4, 1)) == nil)
    #expect(withReLU.fusing(MaxPool(2, padding: 1), input: even) == nil)
    #expect(withReLU.fusing(MaxPool(3), input: Shape(6, 6, 1)) == nil)
    #expect(withReLU.fusing(MaxPool(2, stride: 1), input: even) == nil)
  }

  @Test func refusesWhatDoesNotFit() {
    #expect(throws: LayerError.self) { try Convolution(2, kernel: 5, padding: 0).outputShape(for: Shape(4, 4, 1)) }
    #expect(throws: LayerError.self) { try Convolution(2, kernel: 3).outputShape(for: Shape(16)) }
    #expect(throws: LayerError.self) { try Convolution(0, kernel: 3).outputShape(for: Shape(4, 4, 1)) }
    #expect(throws: LayerError.self) { try Convolution(2, kernel: 3, stride: 0).outputShape(for: Shape(4, 4, 1)) }
    #expect(throws: LayerError.self) { try MaxPool(5).outputShape(for: Shape(4, 4, 1)) }
    #expect(throws: LayerError.self) { try MaxPool(2, padding: 2).outputShape(for: Shape(4, 4, 1)) }
    #expect(throws: LayerError.self) { try GlobalAveragePool().outputShape(for: Shape(16)) }
    #expect(throws: LayerError.self) { try Subsample(stride: 2, channels: 3).outputShape(for: Shape(4, 4, 4)) }
    #expect(throws: LayerError.self) { try Subsample(stride: 2, channels: 3).outputShape(for: Shape(4)) }
    #expect(throws: LayerError.self) { try AveragePool(2).outputShape(for: Shape(16)) }
  }

  @Test func poolingGradientsEqualFiniteDifferences() throws {
    let rows = 2
    let values = numbers(6 * 5 * 3 * rows, 1)
    for layer in [
      AveragePool(2), MaxPool(2), MaxPool(3, stride: 1), MaxPool(3, stride: 2, padding: 1), GlobalAveragePool(),
      Subsample(stride: 2, channels: 6),
    ] as [any Layer] {
      let harness = try LayerHarness(layer, input: Shape(6, 5, 3), maximumRows: rows)
      // A step so small that no other value becomes the highest within it.
      let check = GradientCheck(harness: harness, samples: Array(0..<rows), step: 1e-3)
      #expect(try check.largestDifference(values) < 1e-3)
    }
  }
}
