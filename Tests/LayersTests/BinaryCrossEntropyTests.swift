import Buffers
import Foundation
import Layers
import Testing

@Suite struct BinaryCrossEntropyTests {
  private static let scores: [Float] = [0.3, -2, 5, 0, -0.5, 9, -9]
  private static let labels: [Int32] = [1, 1, 0, 0, 0, 1, 0]

  @Test func gradientEqualsFiniteDifferencesOfTheGlobalMean() throws {
    let rows = Self.scores.count
    let loss = try BinaryCrossEntropy().bind(outputs: Shape(1), maximumRows: rows)
    let scores = Tensor(Self.scores, shape: Shape(rows, 1))
    let gradient = Tensor(scores.shape)
    try Self.labels.withUnsafeBufferPointer { labels in
      try withPass(Array(0..<rows), globalBatch: 20) { pass in
        let sums = try loss.forward(scores, labels: labels, pass)
        // Above 0 just for label 1: the first, the fourth and the last three.
        #expect(sums.samples == rows && sums.correct == 5)
        let naive = zip(Self.scores, Self.labels).reduce(0.0) { sum, one in
          let probability = 1 / (1 + exp(-Double(one.0)))
          return sum - log(one.1 == 1 ? probability : 1 - probability)
        }
        #expect(abs(sums.loss - naive) < 1e-6)
        try loss.backward(scores, labels: labels, outputGradient: gradient, pass)
        for index in scores.buffer.indices {
          let before = scores.buffer[index]
          scores.buffer[index] = before + 1e-2
          let above = try loss.forward(scores, labels: labels, pass).loss
          scores.buffer[index] = before - 1e-2
          let below = try loss.forward(scores, labels: labels, pass).loss
          scores.buffer[index] = before
          #expect(abs((above - below) / 2e-2 / 20 - Double(gradient.buffer[index])) < 2e-6)
        }
      }
    }
  }

  @Test func extremeScoresStayFiniteAndNaNStaysNaN() throws {
    let loss = try BinaryCrossEntropy().bind(outputs: Shape(1), maximumRows: 4)
    func run(_ scores: [Float], _ labels: [Int32]) throws -> (loss: Double, gradient: [Float]) {
      let outputs = Tensor(scores, shape: Shape(scores.count, 1))
      let gradient = Tensor(outputs.shape)
      return try labels.withUnsafeBufferPointer { labels in
        try withPass(Array(scores.indices)) { pass in
          let sums = try loss.forward(outputs, labels: labels, pass)
          try loss.backward(outputs, labels: labels, outputGradient: gradient, pass)
          return (sums.loss, gradient.values)
        }
      }
    }
    let far = try run([1e4, -1e4, 1e4, -1e4], [1, 0, 0, 1])
    #expect(far.loss == 2e4 && far.gradient == [0, 0, 0.25, -0.25])
    let diverged = try run([.nan], [1])
    #expect(diverged.loss.isNaN && diverged.gradient[0].isNaN)
  }

  @Test func needsOneScore() {
    #expect(throws: LayerError.self) { try BinaryCrossEntropy().validate(outputs: Shape(2)) }
    #expect(throws: LayerError.self) { try BinaryCrossEntropy().validate(outputs: Shape(1, 1, 1)) }
  }
}
