import Buffers
import Layers
import Testing

@Suite struct SoftmaxCrossEntropyTests {
  @Test func gradientEqualsFiniteDifferencesOfTheGlobalMean() throws {
    let rows = 5
    let classes = 7
    let loss = try SoftmaxCrossEntropy().bind(outputs: Shape(classes), maximumRows: 8)
    let labels: [Int32] = [0, 6, 3, 3, 1]
    let scores = Tensor(numbers(rows * classes, 1).map { 2 * $0 }, shape: Shape(rows, classes))
    let gradient = Tensor(scores.shape)
    try labels.withUnsafeBufferPointer { labels in
      try withPass(Array(0..<rows), globalBatch: 20) { pass in
        let sums = try loss.forward(scores, labels: labels, pass)
        #expect(sums.samples == rows)
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

  @Test func refusesImagesAndASingleClass() {
    #expect(throws: LayerError.self) { try SoftmaxCrossEntropy().validate(outputs: Shape(2, 2, 3)) }
    #expect(throws: LayerError.self) { try SoftmaxCrossEntropy().validate(outputs: Shape(1)) }
  }
}
