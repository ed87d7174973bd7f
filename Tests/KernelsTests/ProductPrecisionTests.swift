import Buffers
import Kernels
import Testing

/// In Double, of numbers that are rounded to bfloat16 first, as `NarrowFloat` does.
private func rounded(_ values: [Float]) -> [Float] {
  var result = values
  var span = result.mutableSpan
  NarrowFloat.roundToBFloat16(values.span, into: &span)
  return result
}

@Suite struct ProductPrecisionTests {
  /// Both on processors that have instructions for it.
  static let ways = BFloat16Products.allCases.filter { $0 == .rounded || BFloat16Products.nativeIsRefused == nil }
  static let sizes = [(1, 1, 1), (3, 5, 7), (17, 10, 33), (64, 48, 16), (31, 65, 129)]

  @Test func roundingIsThatOfNumbersOnTheirWay() {
    let values =
      (0..<10_000).map { Float(bitPattern: UInt32(truncatingIfNeeded: $0 &* 429_497 &+ 12345)) }
      + [.nan, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    var narrow = [UInt16](repeating: 0, count: values.count)
    var span = narrow.mutableSpan
    NarrowFloat.bfloat16.encode(values.span, into: &span)
    let expected = narrow.map { UInt32($0) << 16 }
    #expect(rounded(values).map(\.bitPattern) == expected)
  }

  @Test(arguments: ways, sizes)
  func theThreeProductsEqualTheDefinition(_ way: BFloat16Products, _ size: (rows: Int, inputs: Int, outputs: Int))
    throws
  {
    let (rows, inputs, outputs) = size
    let x = Tensor(numbers(rows * inputs, 1), shape: Shape(rows, inputs))
    let weight = Tensor(numbers(inputs * outputs, 2), shape: Shape(inputs, outputs))
    let dy = Tensor(numbers(rows * outputs, 3), shape: Shape(rows, outputs))
    let (rx, rw, rdy) = (rounded(x.values), rounded(weight.values), rounded(dy.values))
    func product(_ count: Int, _ inner: Int, _ columns: Int, _ term: (Int, Int, Int) -> Float) -> [Float] {
      (0..<count * columns).map { place in
        Float((0..<inner).reduce(0.0) { $0 + Double(term(place / columns, $1, place % columns)) })
      }
    }
    let y = product(rows, inputs, outputs) { rx[$0 * inputs + $1] * rw[$1 * outputs + $2] }
    let dw = product(inputs, rows, outputs) { rx[$1 * inputs + $0] * rdy[$1 * outputs + $2] }
    let dx = product(rows, outputs, inputs) { rdy[$0 * outputs + $1] * rw[$2 * outputs + $1] }

    let products = LinearShape(inputs, outputs, rows + 2, true).products(.bfloat16(way))
    func result(_ count: Int, _ body: (inout MutableSpan<Float>) throws -> Void) rethrows -> [Float] {
      var values = [Float](repeating: 7, count: count)
      var span = values.mutableSpan
      try body(&span)
      return values
    }
    #expect(difference(try result(y.count) { try products.forward(x, weight, into: &$0) }, y) < 1e-5)
    products.takeGradient(dy)
    let half = inputs / 2
    let parts = try result(dw.count) {
      for part in [0..<half, half..<inputs] where !part.isEmpty {
        try products.weightGradient(x, dy, rows: part, into: &$0, accumulates: false)
      }
    }
    #expect(difference(parts, dw) < 1e-5)
    let added = try result(dw.count) {
      try products.weightGradient(x, dy, rows: 0..<inputs, into: &$0, accumulates: true)
    }
    #expect(difference(added, dw.map { $0 + 7 }) < 1e-5)
    for accumulates in [false, true] {
      let found = try result(dx.count) {
        try products.inputGradient(dy, weight, into: &$0, accumulates: accumulates)
      }
      #expect(difference(found, dx.map { $0 + (accumulates ? 7 : 0) }) < 1e-5)
    }
  }

  @Test(arguments: ways, [false, true])
  func aWeightThatIsFixedIsTakenOnce(_ way: BFloat16Products, isFixed: Bool) throws {
    let products = LinearShape(2, 1, 1, false).products(.bfloat16(way), weightIsFixed: isFixed)
    let (x, weight) = (Tensor([1, 2], shape: Shape(1, 2)), Tensor([3, 4], shape: Shape(2, 1)))
    let y = Tensor(Shape(1, 1))
    for expected: [Float] in [[11], isFixed ? [11] : [5]] {
      var span = y.buffer.mutableSpan
      try products.forward(x, weight, into: &span)
      #expect(y.values == expected)
      _ = weight.buffer.update(fromContentsOf: [1, 2])
    }
  }

  @Test(arguments: ways, ConvolutionTests.cases)
  func convolutionsAreThoseOfRoundedNumbers(_ way: BFloat16Products, _ test: ConvolutionTests.Case) throws {
    let (window, rows) = (test.window, test.rows)
    let images = numbers(rows * window.input.count, 1)
    let weights = numbers(window.weightShape.count, 2)
    let gradient = numbers(rows * window.output.count, 3)
    func all(_ precision: ProductPrecision, _ images: [Float], _ weights: [Float], _ gradient: [Float]) throws
      -> [[Float]]
    {
      var (output, total, sent) = (gradient, weights, images)
      let forward = try ConvolutionForward(window, rows: rows, precision)
      try forward.takeWeights(weights.span)
      var span = output.mutableSpan
      try forward.run(images.span, into: &span)
      let summed = try ConvolutionWeightGradient(of: forward)
      try summed.add(images.span, gradient.span)
      span = total.mutableSpan
      try summed.finish(into: &span, accumulates: false)
      let backward = try ConvolutionInputGradient(of: forward, beside: summed)
      try backward.takeWeights(weights.span)
      span = sent.mutableSpan
      try backward.runOnTaken(into: &span)
      return [output, total, sent]
    }
    let found = try all(.bfloat16(way), images, weights, gradient)
    let expected = try all(.float32, rounded(images), rounded(weights), rounded(gradient))
    if way == .rounded {
      #expect(found == expected)
    } else {
      for (found, expected) in zip(found, expected) { #expect(difference(found, expected) < 1e-5) }
    }
  }

  @Test func ratesAreThoseOfAProcessor() throws {
    let rates = try ProductRates.measure()
    #expect(rates.float32 > 1e8 && rates.rounded > 1e8)
    #expect((rates.native != nil) == (BFloat16Products.nativeIsRefused == nil))
  }
}
