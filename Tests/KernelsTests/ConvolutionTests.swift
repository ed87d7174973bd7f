import Buffers
import Kernels
import Testing

/// Convolution as its definition says it, in Double.
struct ReferenceConvolution {
  let window: Window
  let rows: Int

  /// Calls `body` with the places of image value, weight and result that belong together.
  func forEachTerm(_ body: (_ image: Int, _ weight: Int, _ result: Int) -> Void) {
    let (input, output, kernel) = (window.input, window.output, window.kernel)
    for row in 0..<rows {
      for (y, x) in pairs(output[0], output[1]) {
        for (ky, kx) in pairs(kernel, kernel) {
          let (iy, ix) = (y * window.stride + ky - window.padding, x * window.stride + kx - window.padding)
          guard iy >= 0, ix >= 0, iy < input[0], ix < input[1] else { continue }
          for (from, to) in pairs(input[2], output[2]) {
            body(
              ((row * input[0] + iy) * input[1] + ix) * input[2] + from,
              ((ky * kernel + kx) * input[2] + from) * output[2] + to,
              ((row * output[0] + y) * output[1] + x) * output[2] + to)
          }
        }
      }
    }
  }

  private func pairs(_ first: Int, _ second: Int) -> [(Int, Int)] {
    (0..<first).flatMap { a in (0..<second).map { (a, $0) } }
  }
}

@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let input: Shape
    let kernel: Int
    var stride = 1
    var padding = 0
    let filters: Int
    let rows: Int
    var window: Window {
      Window(input, kernel: kernel, stride: stride, padding: padding, outputChannels: filters)!
    }
    var testDescription: String { "\(input) \(kernel) stride \(stride) padding \(padding) \(filters) rows \(rows)" }
  }

  static let cases = [
    Case(input: Shape(28, 28, 1), kernel: 5, padding: 2, filters: 32, rows: 2),
    Case(input: Shape(14, 14, 32), kernel: 5, padding: 2, filters: 64, rows: 1),
    Case(input: Shape(6, 7, 3), kernel: 3, filters: 5, rows: 3),
    Case(input: Shape(7, 6, 4), kernel: 3, stride: 2, padding: 1, filters: 17, rows: 2),
    Case(input: Shape(5, 5, 16), kernel: 1, filters: 3, rows: 4),
    Case(input: Shape(8, 8, 2), kernel: 4, padding: 3, filters: 16, rows: 1),
  ]

  @Test(arguments: cases)
  func forwardAndBothGradientsEqualTheDefinition(_ test: Case) throws {
    let (window, rows) = (test.window, test.rows)
    let images = numbers(rows * window.input.count, 1)
    let weights = numbers(window.weightShape.count, 2)
    let gradient = numbers(rows * window.output.count, 3)
    var results = Array(repeating: 0.0, count: gradient.count)
    var imageGradient = Array(repeating: 0.0, count: images.count)
    var weightGradient = Array(repeating: 0.0, count: weights.count)
    ReferenceConvolution(window: window, rows: rows).forEachTerm { image, weight, result in
      results[result] += Double(images[image]) * Double(weights[weight])
      imageGradient[image] += Double(gradient[result]) * Double(weights[weight])
      weightGradient[weight] += Double(gradient[result]) * Double(images[image])
    }

    let forward = try ConvolutionForward(window, rows: rows)
    try forward.takeWeights(weights.span)
    var output = gradient
    var span = output.mutableSpan
    try forward.run(images.span, into: &span)
    #expect(difference(output, results.map(Float.init)) < 1e-5)

    let backward = try ConvolutionInputGradient(of: forward)
    try backward.takeWeights(weights.span)
    var sent = images
    span = sent.mutableSpan
    try backward.run(gradient.span, into: &span)
    #expect(difference(sent, imageGradient.map(Float.init)) < 1e-5)

    let summed = try ConvolutionWeightGradient(of: forward)
    try summed.add(images.span, gradient.span)
    try summed.add(images.span, gradient.span)
    var total = weights
    span = total.mutableSpan
    try summed.finish(into: &span, accumulates: false)
    #expect(difference(total, weightGradient.map { Float(2 * $0) }) < 1e-5)
    try summed.add(images.span, gradient.span)
    span = total.mutableSpan
    try summed.finish(into: &span, accumulates: true)
    #expect(difference(total, weightGradient.map { Float(3 * $0) }) < 1e-5)
  }

  @Test func windowsThatDoNotFitAreNone() {
    #expect(Window(Shape(4, 4, 1), kernel: 5, stride: 1, padding: 0) == nil)
    #expect(Window(Shape(4, 4), kernel: 2, stride: 1, padding: 0) == nil)
    #expect(Window(Shape(4, 4, 1), kernel: 2, stride: 0, padding: 0) == nil)
    #expect(Window(Shape(5, 7, 3), kernel: 2, stride: 2, padding: 0)?.output == Shape(2, 3, 3))
  }
}
