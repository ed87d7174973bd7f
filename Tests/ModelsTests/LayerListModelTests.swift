import Buffers
import Configuration
import Foundation
import Layers
import Models
import Testing

/// Models that are written down layer by layer, and those whose names stand for lists.
@Suite struct LayerListModelTests {
  private static let image = Shape(32, 32, 3)
  private static let fields = IDFields(names: ["a", "b", "c"], cardinalities: [3, 4, 5])

  /// A list as a file holds it: each entry on a line of its own, from line 10 on.
  private static func written(_ kinds: [LayerConfiguration.Kind]) -> ModelConfiguration {
    .layers(kinds.enumerated().map { LayerConfiguration($1, place: "run.yaml:\($0 + 10)") })
  }

  private func model(
    _ configuration: ModelConfiguration, input: Shape = Self.image, fields: IDFields? = nil
  ) throws -> Model {
    try Model(configuration, input: input, classes: 10, idFields: fields, ghostBatch: 8)
  }

  private func problem(
    _ kinds: [LayerConfiguration.Kind], input: Shape = Self.image, fields: IDFields? = nil
  ) throws -> String {
    try #require(throws: LayerError.self) { try model(Self.written(kinds), input: input, fields: fields) }.description
  }

  /// He et al. 2016, table 6, and the sums of PyTorch's parameters of the same networks.
  @Test(arguments: [(8, 75_290), (20, 269_722), (32, 464_154), (44, 658_586)])
  func residualNetworkOfTheRunFile(depth: Int, parameters: Int) throws {
    let model = try model(.resnet(depth: depth, width: 1))
    #expect(model.layout.trainedCount == parameters)
    #expect(model.nodes.count { $0.layer is Convolution } == depth - 1)
    #expect(model.output == Shape(10))
    let shapes = model.nodes.filter { $0.layer is Convolution }.map(\.output)
    #expect(shapes.first == Shape(32, 32, 16) && shapes.last == Shape(8, 8, 64))
  }

  @Test func widthMultipliesFilters() throws {
    let model = try model(.resnet(depth: 8, width: 3))
    let shapes = model.nodes.filter { $0.layer is Convolution }.map { $0.output[2] }
    #expect(Set(shapes) == [48, 96, 192])
  }

  /// Group norm learns as much as batch norm does; without a norm each convolution has a bias.
  @Test func residualNetworksDoWithoutBatchNorm() throws {
    let grouped = try model(.resnet(depth: 8, width: 1, normalization: .group))
    #expect(grouped.layout.trainedCount == 75_290)
    #expect(grouped.nodes.count { $0.layer is GroupNorm } == 7 && !grouped.nodes.contains { $0.layer is BatchNorm })
    let plain = try model(.resnet(depth: 8, width: 1, normalization: .nothing))
    #expect(!plain.nodes.contains { $0.layer is BatchNorm || $0.layer is GroupNorm })
    // 16 channels three times, 32 and 64 twice: a bias instead of a weight and a bias.
    #expect(plain.layout.trainedCount == 75_290 - (3 * 16 + 2 * 32 + 2 * 64))
  }

  @Test func keskarsShallowNetwork() throws {
    let model = try model(.keskarC1)
    let convolutions = 25 * 3 * 64 + 64 + 128 + 25 * 64 * 64 + 64 + 128
    let dense = 4096 * 384 + 384 + 768 + 384 * 192 + 192 + 384 + 192 * 10 + 10
    #expect(model.layout.trainedCount == convolutions + dense)
    #expect(model.nodes.filter { $0.layer is MaxPool }.map(\.output) == [Shape(16, 16, 64), Shape(8, 8, 64)])
  }

  /// A name is nothing but a list: written down, that list is the same model.
  @Test(
    arguments: [
      .mlp(widths: [8, 4], batchNorm: true, dropout: 0.5),
      .cnn(filters: [4, 6], hidden: 8, batchNorm: true, dropout: 0.2),
      .logistic, .resnet(depth: 14, width: 1), .keskarC1, .resnet(depth: 8, width: 2, normalization: .group),
      .resnet(depth: 8, width: 1, normalization: .nothing),
    ] as [ModelConfiguration])
  func aNameIsItsList(named: ModelConfiguration) throws {
    try expectSame(named, input: Self.image, fields: nil)
  }

  @Test(arguments: ClickModelConfiguration.Kind.allCases, [0, 4])
  func aClickModelIsItsList(kind: ClickModelConfiguration.Kind, values: Int) throws {
    let click = ClickModelConfiguration(
      kind: kind, embedding: 4, widths: [8, 4], bottomWidths: [4], crossLayers: 2, dropout: 0.1)
    try expectSame(.click(click), input: Shape(values), fields: Self.fields)
    try expectSame(.logistic, input: Shape(values), fields: Self.fields)
  }

  private func expectSame(_ named: ModelConfiguration, input: Shape, fields: IDFields?) throws {
    let lines = try named.inspection(input: input, classes: 10, idFields: fields, ghostBatch: 8)
    let text = lines.filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("list-\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try "\(text)\ndata: {path: x}\nglobalBatch: 8\nepochs: 1\n".write(to: file, atomically: true, encoding: .utf8)
    let list = try RunConfiguration.load(file: file.path).model
    guard case .layers = list else {
      Issue.record("\(named.name) is shown as \(list)")
      return
    }
    let (a, b) = (try model(named, input: input, fields: fields), try model(list, input: input, fields: fields))
    #expect(a.layout.entries.map(\.parameter) == b.layout.entries.map(\.parameter))
    #expect(a.layerNames == b.layerNames && a.summary.dropFirst() == b.summary.dropFirst())
  }

  @Test func inspectionShowsShapesAndParametersWithTheirSum() throws {
    let lines = try Self.written([
      .convolution(filters: 4, kernel: 3, stride: 1, padding: 1, bias: false),
      .residual(layers: [.init(.batchNorm), .init(.relu)], projection: []), .globalAveragePool,
      .dense(width: .classes),
    ]).inspection(input: Shape(8, 8, 2), classes: 3, ghostBatch: 4)
    #expect(
      lines == [
        "# layers: input [8, 8, 2]", "model:", "  layers:",
        "    - convolution: {filters: 4, kernel: 3, stride: 1, padding: 1, bias: false}  # convolution1 → [8, 8, 4], 72 parameters",
        "    - residual:  # residual1 → [8, 8, 4]", "        layers:",
        "          - batchNorm  # layers.batchNorm1 → [8, 8, 4], 8 parameters",
        "          - relu  # layers.relu1 → [8, 8, 4]", "    - globalAveragePool  # globalAveragePool1 → [4]",
        "    - dense: {width: classes}  # dense1 → [3], 15 parameters",
        "# sum: 95 parameters; softmax cross-entropy",
      ])
  }

  @Test func misfitsNameTheLineAndBothShapes() throws {
    let convolution = LayerConfiguration.Kind.convolution(filters: 4, kernel: 3, stride: 2, padding: 1, bias: true)
    #expect(
      try problem([convolution, .dense(width: .classes)])
        == "run.yaml:11: layers: dense1: a dense layer needs a flat input, not [16, 16, 4]: put a flatten layer before it"
    )
    let changing = try problem([
      .relu, .residual(layers: [LayerConfiguration(convolution, place: "run.yaml:30")], projection: []), .flatten,
    ])
    #expect(
      changing.hasPrefix(
        "run.yaml:11: layers: residual1: 'layers' gives [16, 16, 4] and 'input' gives [32, 32, 3], which cannot be added"
      ))
    #expect(changing.contains("give the block a 'projection'"))
    let inner = try problem([
      .relu, .residual(layers: [LayerConfiguration(.dense(width: .units(3)), place: "run.yaml:30")], projection: []),
    ])
    #expect(inner.hasPrefix("run.yaml:30: layers: residual1: layers: dense1: a dense layer needs a flat input"))
    #expect(
      try problem([.flatten, convolution]).hasPrefix(
        "run.yaml:11: layers: convolution1: a convolution needs images [height, width, channels], not [3072]"))
    #expect(
      try problem([.flatten, .dense(width: .units(5))])
        == "run.yaml:11: layers: the last layer gives [5], and these data need [10], a score for each class (click data: "
        + "one): end with dense: {width: classes}")
    #expect(try problem([.relu]).hasPrefix("run.yaml:10: layers: loss: softmax cross-entropy needs scores [classes]"))
  }

  @Test func layersOfClickDataNeedIDsAndTheseNeedThem() throws {
    for kind in [.embedding(width: 4, deviation: 0.01), .idWeights, .factorization(width: 4)]
      as [LayerConfiguration.Kind]
    {
      let problem = try problem([.flatten, kind])
      #expect(problem.hasPrefix("run.yaml:11: ") && problem.contains("needs samples with ids, and these have none"))
    }
    let without = try problem([.dense(width: .classes)], input: Shape(4), fields: Self.fields)
    #expect(without.contains("layers takes no ids, and these samples have 3 fields of them"))
    let click = try model(
      Self.written([.embedding(width: 4, deviation: 0.01), .dense(width: .classes)]), input: Shape(2),
      fields: Self.fields)
    #expect(click.output == Shape(1) && click.loss is BinaryCrossEntropy)
  }
}
