import Buffers
import Layers
import Testing

/// Weights of samples in every loss: the gradient is that of Σ weight × loss ÷ samples of the global batch.
@Suite struct WeightedLossTests {
  private static let labels: [Int32] = [1, 0, 0, 1, 1]
  private static let weights: [Float] = [0.5, 2, 0, 1, 3.25]
  private static let rows = labels.count

  private struct Outcome: Equatable {
    var loss: Double
    var correct: Double
    var weight: Double
    var gradient: [Float]
  }

  private static let losses: [(any Loss, width: Int)] = [(BinaryCrossEntropy(), 1), (SoftmaxCrossEntropy(), 3)]

  private func run(
    _ loss: any Loss, _ width: Int, _ scores: [Float], weights: [Float], labels: [Int32] = labels, globalBatch: Int = 20
  ) throws -> Outcome {
    let rows = labels.count
    let bound = try loss.bind(outputs: Shape(width), maximumRows: rows)
    let outputs = Tensor(scores, shape: Shape(rows, width))
    let gradient = Tensor(outputs.shape)
    return try labels.withUnsafeBufferPointer { labels in
      try withPass(Array(0..<rows), weights: weights, globalBatch: globalBatch) { pass in
        let sums = try bound.forward(outputs, labels: labels, pass)
        #expect(sums.samples == rows)
        try bound.backward(outputs, labels: labels, outputGradient: gradient, pass)
        return Outcome(loss: sums.loss, correct: sums.correct, weight: sums.weight, gradient: gradient.values)
      }
    }
  }

  @Test func gradientEqualsFiniteDifferences() throws {
    for (loss, width) in Self.losses {
      let scores = numbers(Self.rows * width, 1).map { 2 * $0 }
      let found = try run(loss, width, scores, weights: Self.weights)
      #expect(found.weight == 6.75)
      for index in scores.indices {
        var (above, below) = (scores, scores)
        above[index] += 1e-2
        below[index] -= 1e-2
        let difference =
          try run(loss, width, above, weights: Self.weights).loss - run(loss, width, below, weights: Self.weights).loss
        #expect(abs(difference / 2e-2 / 20 - Double(found.gradient[index])) < 4e-6, "\(loss.name) \(index)")
      }
    }
  }

  @Test func sumsAreThoseOfTheSamplesAlone() throws {
    for (loss, width) in Self.losses {
      let scores = numbers(Self.rows * width, 1).map { 2 * $0 }
      var (sum, correct) = (0.0, 0.0)
      for row in 0..<Self.rows {
        let one = try run(
          loss, width, Array(scores[row * width..<(row + 1) * width]), weights: [], labels: [Self.labels[row]])
        sum += Double(Self.weights[row]) * one.loss
        correct += Double(Self.weights[row]) * one.correct
      }
      let found = try run(loss, width, scores, weights: Self.weights)
      #expect(abs(found.loss - sum) < 1e-12 && found.correct == correct, "\(loss.name)")
    }
  }

  @Test func weightsOfOneChangeNoBit() throws {
    for (loss, width) in Self.losses {
      let scores = numbers(Self.rows * width, 1).map { 2 * $0 }
      let ones = [Float](repeating: 1, count: Self.rows)
      #expect(try run(loss, width, scores, weights: ones) == run(loss, width, scores, weights: []), "\(loss.name)")
    }
  }
}
