import Buffers
import Foundation
import Kernels
import Layers
import Testing

@Suite struct BatchNormTests {
  /// One thread has a kernel of its own.
  private func withThreads<Result>(_ threads: Int, _ body: () throws -> Result) throws -> Result {
    let before = try #require(KernelThreads.count)
    try KernelThreads.set(threads)
    defer { try? KernelThreads.set(before) }
    return try body()
  }

  @Test(arguments: [Shape(3), Shape(2, 3, 4)], [1, 2])
  func gradientsEqualFiniteDifferencesWithAShortLastGhost(_ input: Shape, threads: Int) throws {
    try withThreads(threads) {
      let harness = try LayerHarness(BatchNorm(ghostBatch: 4), input: input, maximumRows: 7)
      setLine(harness)
      let check = GradientCheck(harness: harness, samples: Array(0..<7))
      // Statistics have no gradient: only values, weight and bias are compared.
      let values = numbers(7 * input.count, 1)
      #expect(try check.largestDifference(values, parameters: 0..<2) < 3e-3)
    }
  }

  @Test(arguments: [Shape(3), Shape(5, 4, 16)])
  func oneThreadAndSeveralAgreeWithAReLUBehind(_ input: Shape) throws {
    let layer = try #require(BatchNorm(ghostBatch: 4).fusing(ReLU(), input: input))
    let (values, gradient) = (numbers(7 * input.count, 1), numbers(7 * input.count, 2))
    let found = try [1, 2].map { threads in
      try withThreads(threads) {
        let harness = try LayerHarness(layer, input: input, maximumRows: 7)
        setLine(harness)
        let output = try withPass(Array(0..<7)) { try harness.forward(values, $0) }
        let sent = try withPass(Array(0..<7)) { try harness.backward(values, outputGradient: gradient, $0) }
        return [output, sent] + harness.gradients.map(\.values)
      }
    }
    #expect(found[0][0].contains(0) && found[0][1].count == values.count)
    for (one, several) in zip(found[0], found[1]) { #expect(difference(one, several) < 1e-5) }
  }

  /// The statistics are constants then, and their slots stay empty.
  @Test(arguments: [Shape(3), Shape(2, 3, 4)], [false, true])
  func evaluationsGradientsEqualFiniteDifferences(_ input: Shape, rectifies: Bool) throws {
    let norm = BatchNorm(ghostBatch: 4)
    let layer = rectifies ? try #require(norm.fusing(ReLU(), input: input)) : norm
    let harness = try LayerHarness(layer, input: input, maximumRows: 7)
    setLine(harness)
    let channels = harness.parameters[0].count
    harness.parameters[2].copy(from: Tensor(numbers(channels, 5), shape: Shape(channels)))
    harness.parameters[3].copy(from: Tensor(numbers(channels, 6).map { 1.5 + $0 }, shape: Shape(channels)))
    // Steps so small that no value passes through 0.
    let check = GradientCheck(harness: harness, samples: Array(0..<7), mode: .evaluation, step: rectifies ? 1e-4 : 1e-2)
    let largest = try check.largestDifference(numbers(7 * input.count, 1), parameters: 0..<2)
    #expect(largest < (rectifies ? 2e-2 : 1e-3))
    #expect(harness.gradients[2...].allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  @Test func evaluationsGradientsAddUpOverMicrobatches() throws {
    let whole = try LayerHarness(BatchNorm(ghostBatch: 4), input: Shape(3), maximumRows: 10)
    let parts = try LayerHarness(BatchNorm(ghostBatch: 4), input: Shape(3), maximumRows: 10)
    let (values, gradient) = (numbers(30, 1), numbers(30, 2))
    _ = try withPass(Array(0..<10), mode: .evaluation) { try whole.backward(values, outputGradient: gradient, $0) }
    for rows in [0..<6, 6..<10] {
      let range = rows.lowerBound * 3..<rows.upperBound * 3
      _ = try withPass(Array(rows), mode: .evaluation, overwrites: rows.lowerBound == 0, globalBatch: 10) {
        try parts.backward(Array(values[range]), outputGradient: Array(gradient[range]), $0)
      }
    }
    for (part, right) in zip(parts.gradients, whole.gradients) { #expect(difference(part.values, right.values) < 1e-6) }
  }

  @Test func batchStatisticsAreThoseOfTraining() throws {
    let harness = try LayerHarness(BatchNorm(ghostBatch: 4), input: Shape(2, 3), maximumRows: 7)
    setLine(harness)
    let values = numbers(7 * 6, 1)
    let outputs = try [Pass.Mode.training, .batchStatistics].map { mode in
      try withPass(Array(0..<7), mode: mode) { try harness.forward(values, $0) }
    }
    #expect(outputs[0] == outputs[1])
  }

  private func setLine(_ harness: LayerHarness) {
    let channels = harness.parameters[0].count
    harness.parameters[0].copy(from: Tensor(numbers(channels, 8).map { 1 + $0 / 2 }, shape: Shape(channels)))
    harness.parameters[1].copy(from: Tensor(numbers(channels, 9), shape: Shape(channels)))
  }

  @Test func ghostsOfAMicrobatchAreSeparatePasses() throws {
    let input = Shape(2, 2, 3)
    let whole = try LayerHarness(BatchNorm(ghostBatch: 4), input: input, maximumRows: 10)
    let parts = try LayerHarness(BatchNorm(ghostBatch: 4), input: input, maximumRows: 4)
    setLine(whole)
    setLine(parts)
    let width = input.count
    let values = numbers(10 * width, 1)
    let gradient = numbers(10 * width, 2)
    let sent = try withPass(Array(0..<10)) { try whole.backward(values, outputGradient: gradient, $0) }
    let output = try withPass(Array(0..<10)) { try whole.forward(values, $0) }
    for first in stride(from: 0, to: 10, by: 4) {
      let rows = first..<min(10, first + 4)
      let range = rows.lowerBound * width..<rows.upperBound * width
      try withPass(Array(rows), overwrites: first == 0, globalBatch: 10, first: first) { pass in
        let part = try parts.forward(Array(values[range]), pass)
        #expect(difference(part, Array(output[range])) < 1e-6)
        let partSent = try parts.backward(Array(values[range]), outputGradient: Array(gradient[range]), pass)
        #expect(difference(partSent, Array(sent[range])) < 1e-6)
      }
    }
    for (part, right) in zip(parts.gradients, whole.gradients) { #expect(difference(part.values, right.values) < 1e-6) }
  }

  /// As a step does after the exchange.
  private func updateStatistics(_ harness: LayerHarness, ghostBatch: Int, globalBatch: Int) {
    let average = MovingAverage(weight: 0.1, samples: ghostBatch)
    for index in 2...3 {
      average.update(harness.parameters[index], with: harness.gradients[index], globalBatch: globalBatch)
    }
  }

  @Test func runningStatisticsAreOneUpdateAGhostInOrder() throws {
    let harness = try LayerHarness(BatchNorm(ghostBatch: 4), input: Shape(2), maximumRows: 8)
    let values = numbers(10 * 2, 1)
    var expectedMean: [Float] = [0, 0]
    var expectedVariance: [Float] = [1, 1]
    for _ in 0..<2 {
      // A global batch of 10 in microbatches of 8 and 2: ghosts of 4, 4 and 2.
      for rows in [0..<8, 8..<10] {
        let part = Array(values[rows.lowerBound * 2..<rows.upperBound * 2])
        try withPass(Array(rows), overwrites: rows.lowerBound == 0, globalBatch: 10, first: rows.lowerBound) {
          _ = try harness.backward(part, outputGradient: part, $0)
        }
      }
      updateStatistics(harness, ghostBatch: 4, globalBatch: 10)
      for ghost in [0..<4, 4..<8, 8..<10] {
        for channel in 0..<2 {
          let column = ghost.map { Double(values[$0 * 2 + channel]) }
          let mean = column.reduce(0, +) / Double(column.count)
          let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count - 1)
          expectedMean[channel] += Float(0.1 * (mean - Double(expectedMean[channel])))
          expectedVariance[channel] += Float(0.1 * (variance - Double(expectedVariance[channel])))
        }
      }
    }
    #expect(difference(harness.parameters[2].values, expectedMean) < 1e-6)
    #expect(difference(harness.parameters[3].values, expectedVariance) < 1e-6)
  }

  /// Two views of one global batch count as one: what both have on average.
  @Test func runningStatisticsOfViewsAreTheirMean() throws {
    let harness = try LayerHarness(BatchNorm(ghostBatch: 6), input: Shape(2), maximumRows: 6)
    let views = (0..<2).map { numbers(12, 4 + UInt64($0)) }
    for (view, values) in views.enumerated() {
      try withPass(Array(0..<6), overwrites: view == 0, view: view, views: 2) {
        _ = try harness.backward(values, outputGradient: values, $0)
      }
    }
    updateStatistics(harness, ghostBatch: 6, globalBatch: 6)
    for channel in 0..<2 {
      let columns = views.map { view in (0..<6).map { Double(view[$0 * 2 + channel]) } }
      let means = columns.map { $0.reduce(0, +) / 6 }
      let variances = zip(columns, means).map { column, mean in
        column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
      }
      let (mean, variance) = ((means[0] + means[1]) / 2, (variances[0] + variances[1]) / 2)
      #expect(abs(Double(harness.parameters[2].values[channel]) - 0.1 * mean) < 1e-6)
      #expect(abs(Double(harness.parameters[3].values[channel]) - (0.9 + 0.1 * variance)) < 1e-6)
    }
  }

  @Test func evaluationUsesTheRunningStatistics() throws {
    let harness = try LayerHarness(BatchNorm(ghostBatch: 4), input: Shape(2), maximumRows: 8)
    setLine(harness)
    harness.parameters[2].copy(from: Tensor([0.5, -2], shape: Shape(2)))
    harness.parameters[3].copy(from: Tensor([4, 0.25], shape: Shape(2)))
    let values = numbers(10, 1)
    let (weight, bias) = (harness.parameters[0].values, harness.parameters[1].values)
    let expected = values.indices.map { index in
      let channel = index % 2
      return (values[index] - [0.5, -2][channel]) / ([4, 0.25][channel] + 1e-5).squareRoot() * weight[channel]
        + bias[channel]
    }
    let output = try withPass(Array(0..<5), mode: .evaluation) { try harness.forward(values, $0) }
    #expect(difference(output, expected) < 1e-6)
  }

  @Test func aGhostOfOneValueIsItsBias() throws {
    let harness = try LayerHarness(BatchNorm(ghostBatch: 1), input: Shape(2), maximumRows: 3)
    setLine(harness)
    let output = try withPass([0, 1, 2]) { try harness.forward(numbers(6, 1), $0) }
    let bias = harness.parameters[1].values
    #expect(difference(output, bias + bias + bias) < 1e-6)
    _ = try withPass([0, 1, 2]) { try harness.backward(numbers(6, 1), outputGradient: numbers(6, 2), $0) }
    updateStatistics(harness, ghostBatch: 1, globalBatch: 3)
    #expect(harness.parameters[3].values.allSatisfy { $0.isFinite && $0 < 1 })
  }

  @Test(arguments: [Pass.Mode.training, .evaluation])
  func withReLUItIsBatchNormThenReLU(_ mode: Pass.Mode) throws {
    let input = Shape(2, 2, 3)
    let norm = BatchNorm(ghostBatch: 4)
    let both = try LayerHarness(#require(norm.fusing(ReLU(), input: input)), input: input, maximumRows: 7)
    let first = try LayerHarness(norm, input: input, maximumRows: 7)
    let second = try LayerHarness(ReLU(), input: input, maximumRows: 7)
    setLine(both)
    setLine(first)
    let values = numbers(7 * input.count, 1)
    let gradient = numbers(7 * input.count, 2)
    try withPass(Array(0..<7), mode: mode) { pass in
      let between = try first.forward(values, pass)
      #expect(try both.forward(values, pass) == second.forward(between, pass))
      guard mode == .training else { return }
      let expected = try first.backward(
        values, outputGradient: second.backward(between, outputGradient: gradient, pass), pass)
      #expect(try both.backward(values, outputGradient: gradient, pass) == expected)
      #expect(both.gradients.map(\.values) == first.gradients.map(\.values))
    }
  }

  @Test func asAFirstLayerItStillHasItsOwnGradients() throws {
    let model = try Model(name: "test", input: Shape(3), layers: [BatchNorm(ghostBatch: 4), Dense(2)])
    let parameters = Tensor(Shape(model.layout.count))
    let gradients = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 1)
    let network = try Network(model, parameters: parameters, gradients: gradients, maximumRows: 7, seed: 1)
    let harness = try LayerHarness(BatchNorm(ghostBatch: 4), input: Shape(3), maximumRows: 7)
    let values = numbers(21, 1)
    let labels: [Int32] = [0, 1, 0, 1, 1, 1, 0]
    let objective = try Objective(model, maximumRows: 7, goesBackward: true)
    try withPass(Array(0..<7)) { pass in
      let inputs = Tensor(values, shape: Shape(7, 3))
      let outputs = try network.forward(inputs, pass)
      try labels.withUnsafeBufferPointer { labels in
        _ = try objective.sums(of: outputs, labels: labels, pass)
        let gradient = try objective.gradient(of: outputs, labels: labels, pass)
        try network.backward(inputs, outputGradient: gradient, pass, layerDone: { _ in })
      }
      // The gradient that the dense layer sends back: (probability − 1 for the right class) ÷ 7, through its weights.
      let scores = outputs.values
      let views = model.layout.views(of: parameters)
      let weight = views[1][0].values
      var sent: [Float] = []
      for row in 0..<7 {
        let right = scores[row * 2 + 1] - scores[row * 2]
        let probability = 1 / (1 + exp(-right))
        let scoreGradient = [
          1 - probability - (labels[row] == 0 ? 1 : 0), probability - (labels[row] == 1 ? 1 : 0),
        ].map { $0 / 7 }
        for channel in 0..<3 {
          sent.append(weight[channel * 2] * scoreGradient[0] + weight[channel * 2 + 1] * scoreGradient[1])
        }
      }
      _ = try harness.backward(values, outputGradient: sent, pass)
    }
    for (view, expected) in zip(model.layout.views(of: gradients)[0], harness.gradients) {
      #expect(difference(view.values, expected.values) < 1e-6)
    }
  }

  @Test func refusesAnEmptyGhost() {
    #expect(throws: LayerError.self) { try BatchNorm(ghostBatch: 0).outputShape(for: Shape(3)) }
  }
}
