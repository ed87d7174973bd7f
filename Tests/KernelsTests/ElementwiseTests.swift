import Buffers
import Kernels
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: oddSizes)
  func rectifierKeepsThePositive(_ count: Int) {
    let input = numbers(count, 1)
    var output = Array(repeating: Float(9), count: count)
    var result = output.mutableSpan
    Rectifier.forward(input.span, into: &result)
    #expect(output == input.map { max($0, 0) })
    var same = input
    result = same.mutableSpan
    Rectifier.forward(&result)
    #expect(same == output)

    let start = numbers(count, 2)
    var gradient = start
    var changed = gradient.mutableSpan
    Rectifier.backward(output: output.span, gradient: &changed)
    #expect(gradient == zip(output, start).map { $0 > 0 ? $1 : 0 })
  }

  @Test func rectifierLetsNaNThrough() {
    var output: [Float] = [0, 0]
    var result = output.mutableSpan
    Rectifier.forward(([.nan, -1] as [Float]).span, into: &result)
    #expect(output[0].isNaN && output[1] == 0)
  }

  @Test(arguments: oddSizes, [1, 7, 8, 19])
  func biasAddsToEveryRowAndItsGradientIsColumnSums(_ width: Int, rows: Int) {
    let matrix = numbers(width * rows, 1)
    let bias = numbers(width, 2)
    let expected = matrix.indices.map { matrix[$0] + bias[$0 % width] }

    var plain = matrix
    var result = plain.mutableSpan
    Bias.add(bias.span, to: &result)
    #expect(plain == expected)

    var rectified = matrix
    result = rectified.mutableSpan
    Bias.addThenRectify(bias.span, to: &result)
    #expect(rectified == expected.map { max($0, 0) })

    var sums = bias
    result = sums.mutableSpan
    Bias.addColumnSums(of: matrix.span, to: &result)
    #expect(difference(sums, columnSums(matrix, bias)) < 1e-6)

    var gradient = matrix
    var maskedSums = bias
    var changed = gradient.mutableSpan
    result = maskedSums.mutableSpan
    Bias.rectifyBackward(output: rectified.span, gradient: &changed, addingColumnSumsTo: &result)
    let masked = zip(rectified, matrix).map { $0 > 0 ? $1 : 0 }
    #expect(gradient == masked)
    #expect(difference(maskedSums, columnSums(masked, bias)) < 1e-6)
  }

  private func columnSums(_ matrix: [Float], _ start: [Float]) -> [Float] {
    start.indices.map { column in
      Float(
        stride(from: column, to: matrix.count, by: start.count).reduce(Double(start[column])) {
          $0 + Double(matrix[$1])
        })
    }
  }

  @Test(arguments: oddSizes)
  func arithmetic(_ count: Int) {
    let x = numbers(count, 1)
    let start = numbers(count, 2)
    var y = start
    var result = y.mutableSpan
    Arithmetic.add(x.span, to: &result)
    #expect(y == zip(start, x).map(+))

    y = start
    result = y.mutableSpan
    Arithmetic.add(x.span, times: 0.5, to: &result)
    #expect(y == zip(start, x).map { $0 + 0.5 * $1 })

    y = start
    result = y.mutableSpan
    Arithmetic.multiply(&result, by: x.span)
    #expect(y == zip(start, x).map(*))

    y = start
    result = y.mutableSpan
    Arithmetic.scale(&result, by: 3)
    #expect(y == start.map { $0 * 3 })

    result = y.mutableSpan
    Arithmetic.multiply(x.span, start.span, into: &result)
    #expect(y == zip(x, start).map(*))

    result = y.mutableSpan
    Arithmetic.fill(&result, with: 4)
    #expect(y == Array(repeating: 4, count: count))
  }

  @Test(arguments: oddSizes)
  func dropoutFactorsAreTheSameForTheSameSampleAndKeepTheShare(_ width: Int) {
    let random = Philox(5, 6)
    func drawn(_ sample: UInt64) -> [Float] {
      var factors = Array(repeating: Float(-1), count: width)
      var result = factors.mutableSpan
      DropoutMask.fill(&result, rate: 0.25, random: random, sample: sample)
      return factors
    }
    #expect(drawn(3) == drawn(3))
    for (index, factor) in drawn(3).enumerated() {
      let word = random.block(UInt64(index / 4), 3)[index % 4]
      #expect(factor == (Philox.unit(word) < 0.25 ? 0 : 1 / 0.75))
    }
    let all = (0..<2000).flatMap { drawn(UInt64($0)) }
    let share = Double(all.count { $0 == 0 }) / Double(all.count)
    #expect(abs(share - 0.25) < 4 * (0.25 * 0.75 / Double(all.count)).squareRoot())
  }
}
