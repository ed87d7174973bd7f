import Buffers
import Layers
import Testing

@Suite struct SimpleLayerTests {
  @Test func reluGradientsEqualFiniteDifferences() throws {
    // Kept away from 0, where there is no derivative.
    let values = numbers(30, 1).map { $0 < 0 ? $0 - 0.1 : $0 + 0.1 }
    let harness = try LayerHarness(ReLU(), input: Shape(2, 3, 1), maximumRows: 5)
    #expect(try GradientCheck(harness: harness, samples: Array(0..<5)).largestDifference(values) < 1e-4)
  }

  @Test func flattenMovesNothing() throws {
    let harness = try LayerHarness(Flatten(), input: Shape(2, 3, 2), maximumRows: 2)
    #expect(harness.output == Shape(12))
    let values = numbers(24, 1)
    #expect(try withPass([0, 1]) { try harness.forward(values, $0) } == values)
    #expect(try withPass([0, 1]) { try harness.backward(values, outputGradient: values, $0) } == values)
  }

  @Test func dropoutGradientsEqualFiniteDifferences() throws {
    let harness = try LayerHarness(Dropout(0.4), input: Shape(13), maximumRows: 5)
    let check = GradientCheck(harness: harness, samples: [5, 3, 8, 1, 0])
    #expect(try check.largestDifference(numbers(65, 1)) < 1e-4)
  }

  @Test func dropoutDependsOnSampleViewEpochLayerAndSeedAlone() throws {
    let ones = Array(repeating: Float(1), count: 4 * 37)
    func dropped(_ samples: [Int], epoch: Int = 2, view: Int = 0, index: Int = 3, seed: UInt64 = 11) throws -> [[Float]]
    {
      let harness = try LayerHarness(Dropout(0.5), input: Shape(37), maximumRows: 4, index: index, seed: seed)
      let output = try withPass(samples, epoch: epoch, view: view, views: view + 1) {
        try harness.forward(Array(ones[..<(37 * samples.count)]), $0)
      }
      return samples.indices.map { Array(output[$0 * 37..<($0 + 1) * 37]) }
    }
    let four = try dropped([10, 20, 30, 40])
    #expect(try dropped([10, 20, 30, 40]) == four)
    // Other microbatches, other order: the same sample is treated the same.
    #expect(try dropped([40, 30]) == [four[3], four[2]])
    #expect(try dropped([20]) == [four[1]])
    #expect(try dropped([10, 20, 30, 40], epoch: 3) != four)
    #expect(try dropped([10, 20, 30, 40], view: 1) != four)
    #expect(try dropped([10, 20, 30, 40], index: 4) != four)
    #expect(try dropped([10, 20, 30, 40], seed: 12) != four)
    #expect(Set(four.joined()) == [0, 2])
  }

  @Test func dropoutIsTheIdentityInEvaluation() throws {
    let harness = try LayerHarness(Dropout(0.5), input: Shape(9), maximumRows: 2)
    let values = numbers(18, 1)
    for mode in [Pass.Mode.evaluation, .batchStatistics] {
      #expect(try withPass([0, 1], mode: mode) { try harness.forward(values, $0) } == values)
      #expect(try withPass([0, 1], mode: mode) { try harness.backward(values, outputGradient: values, $0) } == values)
    }
  }

  @Test(arguments: [-0.1, 1, .nan])
  func dropoutRefusesImpossibleRates(_ rate: Double) {
    #expect(throws: LayerError.self) { try Dropout(rate).outputShape(for: Shape(3)) }
  }
}
