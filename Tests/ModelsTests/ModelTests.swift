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

  @Test func convolutionalNetworkOfTheRunFile() throws {
    let model = try Model(
      .cnn(filters: [32, 64], hidden: 1024, batchNorm: false, dropout: 0), input: Shape(28, 28, 1), classes: 10,
      ghostBatch: 64)
    #expect(
      model.layerNames == [
        "convolution1", "relu1", "maxPool1", "convolution2", "relu2", "maxPool2", "flatten1", "dense1", "relu3",
        "dense2",
      ])
    #expect(model.nodes[2].output == Shape(14, 14, 32) && model.nodes[5].output == Shape(7, 7, 64))
    #expect(model.layout.trainedCount == 832 + 51_264 + 3137 * 1024 + 10_250)
  }

  @Test func batchNormAndDropoutTakeTheirPlaces() throws {
    let model = try Model(
      .cnn(filters: [4], hidden: 8, batchNorm: true, dropout: 0.5), input: Shape(8, 8, 1), classes: 3, ghostBatch: 16)
    #expect(
      model.layerNames == [
        "convolution1", "batchNorm1", "relu1", "maxPool1", "flatten1", "dense1", "relu2", "dropout1", "dense2",
      ])
    #expect((model.nodes[1].layer as? BatchNorm)?.ghostBatch == 16)
    let perceptron = try Model(
      .mlp(widths: [8], batchNorm: true, dropout: 0.5), input: Shape(4), classes: 3, ghostBatch: 16)
    #expect(perceptron.layerNames == ["dense1", "batchNorm1", "relu1", "dropout1", "dense2"])
  }

  @Test func imagesTooSmallForTheirModelAreNamed() throws {
    let error = #expect(throws: LayerError.self) {
      try Model(
        .cnn(filters: [4, 4], hidden: 8, batchNorm: false, dropout: 0), input: Shape(2, 2, 1), classes: 3, ghostBatch: 1
      )
    }
    #expect(error?.description.contains("maxPool2") == true)
  }

  @Test func logisticRegressionIsOneDenseLayer() throws {
    let model = try Model(.logistic, input: Shape(784), classes: 10, ghostBatch: 64)
    #expect(model.layerNames == ["dense1"])
    #expect(model.layout.trainedCount == 7850)
  }
}
