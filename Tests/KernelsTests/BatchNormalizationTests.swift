import Buffers
import Kernels
import Testing

@Suite struct BatchNormalizationTests {
  @Test(arguments: [2, 5, 64], [1, 3, 16, 33])
  func equalsTheDefinitionInDouble(_ positions: Int, channels: Int) throws {
    let epsilon = 1e-5
    let values = numbers(positions * channels, 1).map { $0 * 2 + 3 }
    let (weight, bias) = (numbers(channels, 2), numbers(channels, 3))
    let gradient = numbers(values.count, 4)
    var (expected, expectedGradient) = (values, values)
    var (means, variances) = (weight, weight)
    var (weightSums, biasSums) = (weight, bias)
    for channel in 0..<channels {
      let places = (0..<positions).map { $0 * channels + channel }
      let count = Double(positions)
      let mean = places.reduce(0) { $0 + Double(values[$1]) } / count
      let variance = places.reduce(0) { $0 + (Double(values[$1]) - mean) * (Double(values[$1]) - mean) } / count
      let deviation = (variance + epsilon).squareRoot()
      let normal = places.map { (Double(values[$0]) - mean) / deviation }
      let sum = places.reduce(0) { $0 + Double(gradient[$1]) }
      let product = zip(places, normal).reduce(0) { $0 + Double(gradient[$1.0]) * $1.1 }
      for (place, value) in zip(places, normal) {
        expected[place] = Float(Double(weight[channel]) * value + Double(bias[channel]))
        let centred = Double(gradient[place]) - sum / count - value * product / count
        expectedGradient[place] = Float(Double(weight[channel]) / deviation * centred)
      }
      (means[channel], variances[channel]) = (Float(mean), Float(variance))
      weightSums[channel] += Float(product)
      biasSums[channel] += Float(sum)
    }

    let forward = try BatchNormalizationForward(positions: positions, channels: channels, epsilon: Float(epsilon))
    var (output, mean, variance) = (values, weight, weight)
    var outputSpan = output.mutableSpan
    var meanSpan = mean.mutableSpan
    var varianceSpan = variance.mutableSpan
    try forward.run(
      values.span, weight: weight.span, bias: bias.span, into: &outputSpan, mean: &meanSpan, variance: &varianceSpan)
    #expect(difference(output, expected) < 1e-5)
    #expect(difference(mean, means) < 1e-5)
    #expect(difference(variance, variances) < 1e-5)

    let backward = try BatchNormalizationGradient(of: forward)
    var (sent, weights, biases) = (values, weight, bias)
    var sentSpan = sent.mutableSpan
    var weightSpan = weights.mutableSpan
    var biasSpan = biases.mutableSpan
    try backward.run(
      values.span, mean: mean.span, variance: variance.span, weight: weight.span, gradient: gradient.span,
      into: &sentSpan, weightSums: &weightSpan, biasSums: &biasSpan)
    #expect(difference(sent, expectedGradient) < 2e-5)
    #expect(difference(weights, weightSums) < 1e-5)
    #expect(difference(biases, biasSums) < 1e-5)
  }

  /// Of one piece and of several, the last of them short; of values around 0 and far from it.
  @Test(arguments: [1, 2, 65, 4099], [1, 3, 16, 40])
  func oneThreadEqualsTheDefinitionInDouble(_ positions: Int, channels: Int) throws {
    for (rectifies, centre) in [(false, Float(3)), (true, 3), (true, 30)] {
      let (epsilon, count) = (1e-5, Double(positions))
      let values = numbers(positions * channels, 1).map { $0 * 2 + centre }
      let (weight, bias, gradient) = (numbers(channels, 2), numbers(channels, 3), numbers(values.count, 4))
      let norm = BatchNormalization(channels: channels, epsilon: Float(epsilon), rectifies: rectifies)
      var (output, means, variances) = (values, weight, weight)
      var outputSpan = output.mutableSpan
      var meanSpan = means.mutableSpan
      var varianceSpan = variances.mutableSpan
      norm.forward(
        values.span, weight: weight.span, bias: bias.span, into: &outputSpan, mean: &meanSpan, variance: &varianceSpan)
      var (sent, weights, biases) = (gradient, weight, bias)
      var sentSpan = sent.mutableSpan
      var weightSpan = weights.mutableSpan
      var biasSpan = biases.mutableSpan
      norm.backward(
        values.span, mean: means.span, variance: variances.span, weight: weight.span, bias: bias.span,
        gradient: gradient.span, into: &sentSpan, weightSums: &weightSpan, biasSums: &biasSpan)
      // What is far from 0 has fewer digits behind the point; sums grow with what is summed.
      let (near, sums) = (centre > 10 ? 5e-4 : 1e-5, 1e-5 * max(1, count / 64) * (centre > 10 ? 30 : 1))
      for channel in 0..<channels {
        let places = (0..<positions).map { $0 * channels + channel }
        let mean = places.reduce(0) { $0 + Double(values[$1]) } / count
        let variance = places.reduce(0) { $0 + (Double(values[$1]) - mean) * (Double(values[$1]) - mean) } / count
        let deviation = (variance + epsilon).squareRoot()
        #expect(abs(Double(means[channel]) - mean) < 1e-6 * max(1, abs(mean)))
        #expect(abs(Double(variances[channel]) - variance) < 1e-5 * max(1, variance))
        let normal = places.map { (Double(values[$0]) - mean) / deviation }
        let wanted = normal.map { Double(weight[channel]) * $0 + Double(bias[channel]) }
        // As the output says: near 0 either side is right.
        let passed = places.map { rectifies && output[$0] <= 0 ? 0 : Double(gradient[$0]) }
        let sum = passed.reduce(0, +)
        let product = zip(passed, normal).reduce(0) { $0 + $1.0 * $1.1 }
        for (index, place) in places.enumerated() {
          #expect(abs(Double(output[place]) - (rectifies ? max(0, wanted[index]) : wanted[index])) < near)
          let centred = passed[index] - sum / count - normal[index] * product / count
          #expect(abs(Double(sent[place]) - Double(weight[channel]) / deviation * centred) < 2 * near)
        }
        #expect(abs(Double(biases[channel] - bias[channel]) - sum) < sums)
        #expect(abs(Double(weights[channel] - weight[channel]) - product) < sums)
      }
    }
  }

  @Test func oneThreadLetsNaNPass() {
    let norm = BatchNormalization(channels: 2, epsilon: 1e-5, rectifies: true)
    let values: [Float] = [.nan, 1, 2, 3]
    var (output, mean, variance) = (values, [Float](repeating: 0, count: 2), [Float](repeating: 0, count: 2))
    var outputSpan = output.mutableSpan
    var meanSpan = mean.mutableSpan
    var varianceSpan = variance.mutableSpan
    let ones: [Float] = [1, 1]
    norm.forward(
      values.span, weight: ones.span, bias: ones.span, into: &outputSpan, mean: &meanSpan, variance: &varianceSpan)
    #expect(output[0].isNaN && output[2].isNaN && output[1].isFinite && output[3].isFinite)
  }

  @Test(arguments: oddSizes)
  func channelTransformIsAStraightLine(_ channels: Int) {
    let values = numbers(channels * 7, 1)
    let (factors, offsets) = (numbers(channels, 2), numbers(channels, 3))
    var results = values
    var span = results.mutableSpan
    ChannelTransform.apply(values.span, factors: factors.span, offsets: offsets.span, into: &span)
    let expected = values.indices.map { values[$0] * factors[$0 % channels] + offsets[$0 % channels] }
    #expect(difference(results, expected) < 1e-6)
  }

  @Test(arguments: [1, 3, 16, 17], [1, 5])
  func sumsOfAGivenLineEqualTheDefinition(channels: Int, positions: Int) {
    let (values, gradient) = (numbers(positions * channels, 1), numbers(positions * channels, 2))
    let (means, inverses) = (numbers(channels, 3), numbers(channels, 4).map { 2 + $0 })
    var (weightSums, biasSums) = (numbers(channels, 5), numbers(channels, 6))
    let before = (weight: weightSums, bias: biasSums)
    var weights = weightSums.mutableSpan
    var biases = biasSums.mutableSpan
    ChannelTransformGradient.addSums(
      values.span, gradient: gradient.span, means: means.span, inverseDeviations: inverses.span, to: &weights, &biases)
    for channel in 0..<channels {
      let places = (0..<positions).map { $0 * channels + channel }
      let weight = places.reduce(Double(before.weight[channel])) {
        $0 + Double(gradient[$1]) * Double(values[$1] - means[channel]) * Double(inverses[channel])
      }
      let bias = places.reduce(Double(before.bias[channel])) { $0 + Double(gradient[$1]) }
      #expect(abs(Double(weightSums[channel]) - weight) < 1e-5 && abs(Double(biasSums[channel]) - bias) < 1e-5)
    }
  }
}
