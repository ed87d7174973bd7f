import Buffers
import Configuration
import Layers
import Models
import Testing

/// The scores give way to a projection head; all before them is the representation.
@Suite struct ContrastiveModelTests {
  private static let image = Shape(28, 28, 1)
  private static let contrastive = ContrastiveConfiguration(temperature: 0.2, head: [32, 16], negatives: 8)

  private func model(_ configuration: ModelConfiguration, contrastive: ContrastiveConfiguration?) throws -> Model {
    try Model(configuration, input: Self.image, classes: 10, ghostBatch: 8, contrastive: contrastive)
  }

  @Test(arguments: [
    (ModelConfiguration.mlp(widths: [40, 30], batchNorm: false, dropout: 0.1), 30),
    (.cnn(filters: [4, 6], hidden: 20, batchNorm: false, dropout: 0), 20),
    (.resnet(depth: 8, width: 1, normalization: .group), 64),
    (.resnet(depth: 8, width: 2, normalization: .nothing), 128), (.keskarC1, 192),
    (.layers([.init(.flatten), .init(.relu), .init(.dense(width: .classes))]), 784),
  ])
  func theHeadTakesThePlaceOfTheScores(configuration: ModelConfiguration, width: Int) throws {
    let (plain, model) = (
      try model(configuration, contrastive: nil), try model(configuration, contrastive: Self.contrastive)
    )
    #expect(plain.representation == nil && model.representation == Shape(width))
    #expect(model.output == Shape(16))
    #expect(model.nodes.count == plain.nodes.count + 2)
    let head = (width + 1) * 32 + 33 * 16
    #expect(model.layout.trainedCount == plain.layout.trainedCount - (width + 1) * 10 + head)
    #expect(model.summary.last?.hasPrefix("NT-Xent at temperature 0.2, within groups of 8 samples") == true)
  }

  @Test func aHeadOfOneLayerIsALine() throws {
    let model = try model(
      .mlp(widths: [12], batchNorm: false, dropout: 0), contrastive: ContrastiveConfiguration(head: [7]))
    #expect(model.output == Shape(7) && model.representation == Shape(12))
  }

  @Test func aListThatDoesNotEndInScoresIsRefused() throws {
    for list: [LayerConfiguration] in [
      [.init(.dense(width: .classes))],
      [.init(.flatten), .init(.dense(width: .classes)), .init(.relu)],
      [.init(.flatten), .init(.dense(width: .units(10)))],
    ] {
      let error = try #require(throws: LayerError.self) {
        try self.model(.layers(list), contrastive: Self.contrastive)
      }
      #expect("\(error)".contains("dense: {width: classes}"))
    }
  }

  /// A network keeps what goes into the head, as the layers before it put it out.
  @Test func theRepresentationIsWhatGoesIntoTheHead() throws {
    let configuration = ModelConfiguration.cnn(filters: [3], hidden: 9, batchNorm: false, dropout: 0)
    let model = try model(configuration, contrastive: Self.contrastive)
    let parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 3)
    let network = try Network(
      model, parameters: parameters, gradients: Tensor(Shape(model.layout.denseCount)), maximumRows: 4, seed: 3)
    let inputs = Tensor((0..<3 * 784).map { Float($0 % 17) / 17 }, shape: Shape(3, 28, 28, 1))
    let samples = [0, 1, 2]
    let outputs = try samples.withUnsafeBufferPointer { samples in
      try network.forward(
        inputs,
        Pass(
          mode: .evaluation, epoch: 0, samples: samples, overwritesGradients: true, globalBatch: 3,
          firstRowInGlobalBatch: 0)
      ).values
    }
    let representation = network.representation(inputs, rows: 3)
    #expect(representation.shape == Shape(3, 9))
    // The head, by hand.
    func dense(_ values: [Float], _ name: String, rectified: Bool) throws -> [Float] {
      func entry(_ part: String) throws -> [Float] {
        let entry = try #require(model.layout.entries.first { $0.parameter.name == "\(name).\(part)" })
        return parameters.slice(entry.range).values
      }
      let (weight, bias) = (try entry("weight"), try entry("bias"))
      let (inner, width) = (weight.count / bias.count, bias.count)
      return (0..<values.count / inner).flatMap { row in
        (0..<width).map { column in
          let sum = (0..<inner).reduce(bias[column]) { $0 + values[row * inner + $1] * weight[$1 * width + column] }
          return rectified ? max(sum, 0) : sum
        }
      }
    }
    let expected = try dense(
      dense(representation.values, "dense2", rectified: true), "dense3", rectified: false)
    #expect(zip(outputs, expected).allSatisfy { abs($0 - $1) < 1e-5 } && outputs.count == expected.count)
  }
}
