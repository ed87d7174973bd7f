import Buffers
import Kernels
import Testing

@Suite struct PoolingTests {
  struct Case: Sendable {
    let input: Shape
    let size: Int
    let stride: Int
    var padding = 0
  }

  static let cases = [
    Case(input: Shape(4, 4, 1), size: 2, stride: 2), Case(input: Shape(7, 5, 3), size: 2, stride: 2),
    Case(input: Shape(8, 9, 17), size: 3, stride: 2), Case(input: Shape(6, 6, 32), size: 3, stride: 1),
    Case(input: Shape(8, 8, 4), size: 3, stride: 2, padding: 1),
    Case(input: Shape(5, 6, 2), size: 2, stride: 2, padding: 1),
  ]

  @Test(arguments: cases, [1, 3])
  func bothKindsEqualTheDefinition(_ test: Case, rows: Int) throws {
    let window = try #require(Window(test.input, kernel: test.size, stride: test.stride, padding: test.padding))
    let images = numbers(rows * window.input.count, 1)
    let gradient = numbers(rows * window.output.count, 2)
    for kind in [PoolingKernel.Kind.maximum, .average] {
      var expected: [Float] = []
      var expectedGradient = Array(repeating: Float(0), count: images.count)
      for result in gradient.indices {
        let places = places(of: result, window)
        let values = places.map { images[$0] }
        if kind == .maximum {
          expected.append(values.max()!)
          expectedGradient[places[values.firstIndex(of: values.max()!)!]] += gradient[result]
        } else {
          expected.append(values.reduce(0, +) / Float(values.count))
          for place in places { expectedGradient[place] += gradient[result] / Float(values.count) }
        }
      }
      let kernel = try PoolingKernel(kind, window, rows: rows)
      var output = gradient
      var span = output.mutableSpan
      try kernel.forward(images.span, into: &span)
      #expect(difference(output, expected) < 1e-6)
      var sent = images
      span = sent.mutableSpan
      try kernel.backward(gradient.span, into: &span)
      #expect(difference(sent, expectedGradient) < 1e-6)
    }
  }

  /// The images' values under the window of one result.
  private func places(of result: Int, _ window: Window) -> [Int] {
    let (input, output) = (window.input, window.output)
    let channel = result % output[2]
    let x = result / output[2] % output[1]
    let y = result / output[2] / output[1] % output[0]
    let row = result / output.count
    return (0..<window.kernel * window.kernel).compactMap { position in
      let iy = y * window.stride + position / window.kernel - window.padding
      let ix = x * window.stride + position % window.kernel - window.padding
      guard iy >= 0, ix >= 0, iy < input[0], ix < input[1] else { return nil }
      return ((row * input[0] + iy) * input[1] + ix) * input[2] + channel
    }
  }

  @Test(arguments: [1, 3, 16, 17, 33])
  func rectifiedPoolingIsBiasThenReLUThenMaximumPooling(_ channels: Int) throws {
    let (height, width, rows) = (4, 6, 3)
    let window = try #require(Window(Shape(height, width, channels), kernel: 2, stride: 2, padding: 0))
    let images = numbers(rows * window.input.count, 1)
    let bias = numbers(channels, 2).map { $0 * 0.5 - 0.4 }
    let gradient = numbers(rows * window.output.count, 3)

    var rectified = images
    var span = rectified.mutableSpan
    Bias.addThenRectify(bias.span, to: &span)
    let pooling = try PoolingKernel(.maximum, window, rows: rows)
    var expected = gradient
    span = expected.mutableSpan
    try pooling.forward(rectified.span, into: &span)
    var expectedGradient = images
    span = expectedGradient.mutableSpan
    try pooling.backward(gradient.span, into: &span)
    var expectedSums = bias
    var sums = expectedSums.mutableSpan
    span = expectedGradient.mutableSpan
    Bias.rectifyBackward(output: rectified.span, gradient: &span, addingColumnSumsTo: &sums)
    #expect(expected.contains(0) && expected.contains { $0 > 0 })

    var output = gradient
    var choices = Array(repeating: UInt8(9), count: gradient.count)
    var chosen = choices.mutableSpan
    span = output.mutableSpan
    RectifiedPooling.forward(images.span, width: width, bias: bias.span, into: &span, choices: &chosen)
    #expect(output == expected)
    var sent = images
    var sentSums = bias
    span = sent.mutableSpan
    sums = sentSums.mutableSpan
    RectifiedPooling.backward(
      gradient.span, choices: choices.span, width: width, into: &span, addingChannelSumsTo: &sums)
    #expect(sent == expectedGradient)
    #expect(difference(sentSums, expectedSums) < 1e-6)
  }

  @Test func rectifiedPoolingLetsNaNThrough() {
    var output: [Float] = [0]
    var choices: [UInt8] = [0]
    for position in 0..<4 {
      var images: [Float] = [1, 2, 3, 4]
      images[position] = .nan
      var span = output.mutableSpan
      var chosen = choices.mutableSpan
      RectifiedPooling.forward(images.span, width: 2, bias: ([0] as [Float]).span, into: &span, choices: &chosen)
      #expect(output[0].isNaN)
    }
  }
}
