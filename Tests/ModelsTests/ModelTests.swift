import Buffers
import Configuration
import Layers
import Models
import Testing

@Suite struct ModelTests {
  @Test func perceptronOfTheRunFile() throws {
    let model = try Model(
      .mlp(widths: [512, 512], batchNorm: false, dropout: 0.2), input: Shape(28, 28, 1), classes: 10, ghostBatch: 64)
    #expect(
      model.layerNames == ["flatten1", "dense1", "relu1", "dropout1", "dense2", "relu2", "dropout2", "dense3"])
    #expect(model.layout.trainedCount == 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10)
    #expect(model.output == Shape(10))
  }

  @Test func logisticRegressionIsOneDenseLayer() throws {
    let model = try Model(.logistic, input: Shape(784), classes: 10, ghostBatch: 64)
    #expect(model.layerNames == ["dense1"])
    #expect(model.layout.trainedCount == 7850)
  }
}
