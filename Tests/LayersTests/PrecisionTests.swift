import Buffers
import Kernels
import Layers
import Testing

/// Layers that multiply numbers of bfloat16: an error of 2⁻⁹ each, which sums do not add to.
@Suite struct PrecisionTests {
  static let layers: [(any Layer, Shape)] = [
    (Dense(7), Shape(33)), (Cross(2), Shape(12)), (Convolution(5, kernel: 3), Shape(6, 6, 4)),
    (Convolution(5, kernel: 1, stride: 2), Shape(6, 6, 4)),
  ]

  /// Dense and convolutions with what they do besides.
  static let fused: [(any Layer, Shape)] = {
    let image = Shape(8, 8, 3)
    let dense = Dense(7).fusing(ReLU(), input: Shape(33))!
    let convolution = Convolution(8, kernel: 3).fusing(ReLU(), input: image)!
    return [(dense, Shape(33)), (convolution, image), (convolution.fusing(MaxPool(2), input: image)!, image)]
  }()

  @Test func outputsAndGradientsAreThoseOfFloatsRoundedABit() throws {
    for (layer, input) in Self.layers + Self.fused {
      let floats = try LayerHarness(layer, input: input, maximumRows: 5)
      let narrow = try LayerHarness(layer, input: input, maximumRows: 5, precision: .bfloat16(.rounded))
      let values = numbers(5 * input.count, 1)
      let gradient = numbers(5 * floats.output.count, 2)
      try withPass(Array(0..<5)) { pass in
        let output = try narrow.forward(values, pass)
        let expected = try floats.forward(values, pass)
        #expect(difference(output, expected) < 0.02 && output != expected, "\(layer.kind)")
        // Positions whose sign or maximum rounding changes would pass another gradient on.
        guard layer.keepsOutputGradient else { return }
        let back = try narrow.backward(values, outputGradient: gradient, pass)
        let expectedBack = try floats.backward(values, outputGradient: gradient, pass)
        #expect(difference(back, expectedBack) < 0.02 && back != expectedBack, "\(layer.kind)")
        for (ours, theirs) in zip(narrow.allGradients, floats.allGradients) {
          #expect(difference(ours, theirs) < 0.02, "\(layer.kind)")
        }
      }
    }
  }

  @Test func gradientsEqualFiniteDifferencesOfFloats() throws {
    for (layer, input) in Self.layers {
      let floats = try LayerHarness(layer, input: input, maximumRows: 3)
      let narrow = try LayerHarness(layer, input: input, maximumRows: 3, precision: .bfloat16(.rounded))
      let check = GradientCheck(harness: floats, samples: Array(0..<3), step: 2e-3, analytic: narrow)
      #expect(try check.largestDifference(numbers(3 * input.count, 1)) < 0.02, "\(layer.kind)")
    }
  }

  /// What is given out in parts is what is given out as a whole, as numbers that have been rounded once.
  @Test func aLayerOfRoundedNumbersIsThatOfFloatsOnRoundedNumbers() throws {
    func round(_ values: [Float]) -> [Float] {
      var result = values
      var span = result.mutableSpan
      NarrowFloat.roundToBFloat16(values.span, into: &span)
      return result
    }
    let floats = try LayerHarness(Dense(7), input: Shape(33), maximumRows: 5)
    let narrow = try LayerHarness(Dense(7), input: Shape(33), maximumRows: 5, precision: .bfloat16(.rounded))
    _ = floats.parameters[0].buffer.update(fromContentsOf: round(floats.parameters[0].values))
    let (values, gradient) = (numbers(5 * 33, 1), numbers(5 * 7, 2))
    try withPass(Array(0..<5)) { pass in
      #expect(try narrow.forward(values, pass) == floats.forward(round(values), pass))
      let back = try narrow.backward(values, outputGradient: gradient, pass)
      #expect(try back == floats.backward(round(values), outputGradient: round(gradient), pass))
      #expect(narrow.gradients[0].values == floats.gradients[0].values)
    }
  }
}
