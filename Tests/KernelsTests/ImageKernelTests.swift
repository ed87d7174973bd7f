import Buffers
import Kernels
import Testing

@Suite struct ImageKernelTests {
  @Test(arguments: [Shape(1, 1, 1), Shape(3, 2, 5), Shape(8, 8, 64)], [1, 3])
  func channelMeansEqualTheDefinition(_ image: Shape, rows: Int) {
    let channels = image[2]
    let positions = image[0] * image[1]
    let images = numbers(rows * image.count, 1)
    var means = Array(repeating: Float.nan, count: rows * channels)
    var span = means.mutableSpan
    ChannelMeans.forward(images.span, rows: rows, channels: channels, into: &span)
    for (place, mean) in means.enumerated() {
      let (row, channel) = (place / channels, place % channels)
      let sum = (0..<positions).reduce(0.0) { $0 + Double(images[(row * positions + $1) * channels + channel]) }
      #expect(abs(Double(mean) - sum / Double(positions)) < 1e-6)
    }
    let gradients = numbers(means.count, 2)
    var back = Array(repeating: Float.nan, count: images.count)
    var backSpan = back.mutableSpan
    ChannelMeans.backward(gradients.span, rows: rows, channels: channels, into: &backSpan)
    let factor = 1 / Float(positions)
    for (place, value) in back.enumerated() {
      #expect(value == factor * gradients[place / (positions * channels) * channels + place % channels])
    }
  }

  struct Case: Sendable {
    let input: Shape
    let stride: Int
    let channels: Int
    /// Shape worked out by hand.
    let output: Shape
  }

  @Test(arguments: [
    Case(input: Shape(4, 4, 2), stride: 2, channels: 4, output: Shape(2, 2, 4)),
    Case(input: Shape(5, 3, 1), stride: 2, channels: 4, output: Shape(3, 2, 4)),
    Case(input: Shape(3, 3, 3), stride: 1, channels: 3, output: Shape(3, 3, 3)),
    Case(input: Shape(7, 7, 2), stride: 3, channels: 2, output: Shape(3, 3, 2)),
  ])
  func subsamplingEqualsTheDefinition(_ test: Case) {
    let kernel = Subsampling(test.input, stride: test.stride, channels: test.channels)
    #expect(kernel.output == test.output)
    let rows = 2
    let images = numbers(rows * test.input.count, 1)
    let gradients = numbers(rows * test.output.count, 2)
    var expected = Array(repeating: Float(0), count: gradients.count)
    var expectedGradient = Array(repeating: Float(0), count: images.count)
    let before = (test.channels - test.input[2]) / 2
    for row in 0..<rows {
      for y in 0..<test.output[0] {
        for x in 0..<test.output[1] {
          for channel in 0..<test.input[2] {
            let place = ((row * test.input[0] + y * test.stride) * test.input[1] + x * test.stride) * test.input[2]
            let target = ((row * test.output[0] + y) * test.output[1] + x) * test.output[2] + before
            expected[target + channel] = images[place + channel]
            expectedGradient[place + channel] = gradients[target + channel]
          }
        }
      }
    }
    var results = Array(repeating: Float.nan, count: gradients.count)
    var span = results.mutableSpan
    kernel.forward(images.span, rows: rows, into: &span)
    #expect(results == expected)
    var back = Array(repeating: Float.nan, count: images.count)
    var backSpan = back.mutableSpan
    kernel.backward(gradients.span, rows: rows, into: &backSpan)
    #expect(back == expectedGradient)
  }
}
