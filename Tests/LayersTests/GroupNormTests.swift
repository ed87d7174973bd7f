import Buffers
import Layers
import Testing

@Suite struct GroupNormTests {
  @Test(arguments: [(Shape(6), 1), (Shape(6), 2), (Shape(2, 3, 4), 1), (Shape(2, 3, 4), 2), (Shape(2, 3, 4), 4)])
  func gradientsEqualFiniteDifferences(_ input: Shape, _ groups: Int) throws {
    let harness = try LayerHarness(GroupNorm(groups), input: input, maximumRows: 5)
    setLine(harness)
    let check = GradientCheck(harness: harness, samples: Array(0..<4))
    #expect(try check.largestDifference(numbers(4 * input.count, 1)) < 3e-3)
  }

  private func setLine(_ harness: LayerHarness) {
    let channels = harness.parameters[0].count
    harness.parameters[0].copy(from: Tensor(numbers(channels, 8).map { 1 + $0 / 2 }, shape: Shape(channels)))
    harness.parameters[1].copy(from: Tensor(numbers(channels, 9), shape: Shape(channels)))
  }

  /// In doubles, from the definition; with a mean that is large beside the deviation.
  @Test(arguments: [Pass.Mode.training, .evaluation]) func normalisesEachGroupOfEachSample(_ mode: Pass.Mode) throws {
    let (positions, channels, groups, rows) = (6, 4, 2, 3)
    let harness = try LayerHarness(GroupNorm(groups), input: Shape(2, 3, channels), maximumRows: 4)
    setLine(harness)
    let values = numbers(rows * positions * channels, 5).map { 30 + $0 }
    let output = try withPass(Array(0..<rows), mode: mode) { try harness.forward(values, $0) }
    for row in 0..<rows {
      for group in 0..<groups {
        let places = (0..<positions).flatMap { position in
          (0..<2).map { (row * positions + position) * channels + group * 2 + $0 }
        }
        let mean = places.reduce(0) { $0 + Double(values[$1]) } / Double(places.count)
        let variance = places.reduce(0) { $0 + (Double(values[$1]) - mean) * (Double(values[$1]) - mean) }
        let deviation = (variance / Double(places.count) + 1e-5).squareRoot()
        for place in places {
          let (weight, bias) = (harness.parameters[0].values, harness.parameters[1].values)
          let channel = place % channels
          let expected = (Double(values[place]) - mean) / deviation * Double(weight[channel]) + Double(bias[channel])
          #expect(abs(Double(output[place]) - expected) < 2e-4)
        }
      }
    }
  }

  /// A sample's output and gradient are the same beside any others, in any microbatch.
  @Test func samplesStandAlone() throws {
    let input = Shape(2, 2, 4)
    let harness = try LayerHarness(GroupNorm(2), input: input, maximumRows: 5)
    setLine(harness)
    let (values, gradient) = (numbers(5 * input.count, 1), numbers(5 * input.count, 2))
    let sent = try withPass(Array(0..<5)) { try harness.backward(values, outputGradient: gradient, $0) }
    let sums = harness.gradients.map(\.values)
    for row in 0..<5 {
      let range = row * input.count..<(row + 1) * input.count
      let alone = try withPass([row], overwrites: row == 0) {
        try harness.backward(Array(values[range]), outputGradient: Array(gradient[range]), $0)
      }
      #expect(alone == Array(sent[range]))
    }
    #expect(harness.gradients.map(\.values) == sums)
  }

  @Test func refusesGroupsThatDoNotFit() {
    #expect(throws: LayerError.self) { try GroupNorm(0).outputShape(for: Shape(3)) }
    #expect {
      try GroupNorm(3).outputShape(for: Shape(8, 8, 16))
    } throws: { "\($0)".contains("the 16 channels of [8, 8, 16] make no 3 groups of one size") }
  }
}
