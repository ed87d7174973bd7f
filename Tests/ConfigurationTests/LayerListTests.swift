import Configuration
import Foundation
import Testing

@Suite struct LayerListTests {
  private func model(_ layers: String) throws -> ModelConfiguration {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("layers-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("run.yaml")
    try "data: {path: x}\nglobalBatch: 8\nepochs: 1\nmodel:\n\(layers)\n".write(
      to: file, atomically: true, encoding: .utf8)
    return try RunConfiguration.load(file: file.path).model
  }

  private func problem(_ layers: String) throws -> String {
    let error = try #require(throws: ConfigurationError.self) { try model(layers) }
    return String(error.description.split(separator: "/").last ?? "")
  }

  /// Every layer, with its defaults and without.
  private static let everything = """
      layers:
        - convolution: {filters: 4, kernel: 3}
        - convolution: {filters: 4, kernel: 5, stride: 2, padding: 0, bias: false}
        - batchNorm
        - relu:
        - groupNorm: {groups: 2}
        - residual:
            layers: [relu, batchNorm]
        - residual:
            layers:
              - residual: {layers: [relu], projection: []}
            projection: [{subsample: {stride: 2, channels: 8}}]
        - maxPool: {size: 2}
        - maxPool: {size: 3, stride: 2, padding: 1}
        - averagePool: {size: 2, stride: 1}
        - globalAveragePool
        - flatten
        - dropout: {rate: 0.25}
        - dense: {width: 12}
        - sum:
            branches:
              - {name: ids, layers: [idWeights]}
              - {name: none, layers: []}
        - concatenate: {branches: [{name: a, layers: [{cross: {depth: 2}}]}]}
        - embedding: {width: 8}
        - embedding: {width: 8, deviation: 0.5}
        - factorization: {width: 8}
        - dotInteraction: {width: 8}
        - dotInteraction: {width: 8, keepsLast: true}
        - dense: {width: classes}
    """

  static let read: [LayerConfiguration] = [
    .convolution(filters: 4, kernel: 3, stride: 1, padding: 1, bias: true),
    .convolution(filters: 4, kernel: 5, stride: 2, padding: 0, bias: false), .batchNorm, .relu,
    .groupNorm(groups: 2),
    .residual(layers: [.init(.relu), .init(.batchNorm)], projection: []),
    .residual(
      layers: [.init(.residual(layers: [.init(.relu)], projection: []))],
      projection: [.init(.subsample(stride: 2, channels: 8))]),
    .maxPool(size: 2, stride: 2, padding: 0), .maxPool(size: 3, stride: 2, padding: 1),
    .averagePool(size: 2, stride: 1), .globalAveragePool, .flatten, .dropout(rate: 0.25), .dense(width: .units(12)),
    .sum(branches: [.init("ids", [.init(.idWeights)]), .init("none", [])]),
    .concatenate(branches: [.init("a", [.init(.cross(depth: 2))])]), .embedding(width: 8, deviation: 0.01),
    .embedding(width: 8, deviation: 0.5), .factorization(width: 8), .dotInteraction(width: 8, keepsLast: false),
    .dotInteraction(width: 8, keepsLast: true), .dense(width: .classes),
  ].map { LayerConfiguration($0) }

  @Test func everyLayerIsRead() throws {
    #expect(try model(Self.everything) == .layers(Self.read))
    #expect(try model("  kind: layers\n" + Self.everything) == .layers(Self.read))
  }

  @Test func layersKnowTheirLines() throws {
    guard case .layers(let list) = try model(Self.everything) else { return }
    let lines = LayerConfiguration.all(of: list).map { $0.entry.place?.split(separator: ":").last ?? "" }
    #expect(lines.prefix(8) == ["6", "7", "8", "9", "10", "11", "12", "12"])
  }

  /// The list that is shown can be written into a run file.
  @Test func linesAreReadAsTheyAreShown() throws {
    let lines = LayerConfiguration.lines(Self.read, indent: "    ") { "  # a note" }
    #expect(try model("  layers:\n" + lines.joined(separator: "\n")) == .layers(Self.read))
    #expect(lines.count { $0.hasSuffix("# a note") } == LayerConfiguration.all(of: Self.read).count)
  }

  @Test(arguments: [
    ("  layers: []", "run.yaml:5: model.layers is an empty list"),
    ("  kind: layers", "missing key 'model.layers'"),
    ("  layers: [rely]", "run.yaml:5: model.layers[0] is 'rely', not one of"),
    ("  layers: [rely]", "did you mean 'relu'?"),
    ("  layers:\n    - relu\n    - dens: {width: 3}", "run.yaml:7: unknown key 'dens' (did you mean 'dense'?)"),
    ("  layers: [{dense: {width: 3}, relu: {}}]", "model.layers[0] needs exactly one of dense, convolution"),
    ("  layers: [dense]", "missing key 'model.layers[0].dense.width'"),
    ("  layers: [{dense: {width: 0}}]", "model.layers[0].dense.width is 0, but must be at least 1"),
    ("  layers: [{dense: {width: many}}]", "is 'many', not a whole number, or the word 'classes'"),
    (
      "  layers: [{dense: {width: 3, stride: 2}}]",
      "'model.layers[0].dense.stride' means nothing with a layer dense: it belongs"
    ),
    (
      "  layers: [{relu: {width: 3}}]", "means nothing with a layer relu: it belongs to dense, embedding, factorization"
    ),
    ("  layers: [{convolution: {filters: 3}}]", "missing key 'model.layers[0].convolution.kernel'"),
    ("  layers: [{convolution: {filters: 3, kernel: 3, padding: 3}}]", "padding is 3, but must be below kernel, 3"),
    ("  layers: [{convolution: {filters: 3, kernel: 3, stride: 0}}]", "stride is 0, but must be at least 1"),
    ("  layers: [{maxPool: {size: 2, padding: 2}}]", "padding is 2, but must be below size, 2"),
    ("  layers: [{dropout: {rate: 1}}]", "rate is 1, but must be at least 0 and less than 1"),
    ("  layers: [{residual: [relu]}]", "model.layers[0].residual is a list, not a section with keys"),
    ("  layers: [{residual: {layers: []}}]", "model.layers[0].residual.layers is an empty list"),
    ("  layers: [{sum: {branches: [{name: a.b, layers: []}]}}]", "is 'a.b', but must be letters and digits"),
    (
      "  layers:\n    - sum:\n        branches:\n          - {name: a, layers: []}\n          - {name: a, layers: []}",
      "run.yaml:9: model.layers[0].sum.branches has two branches of the name 'a'"
    ),
    ("  layers: [relu]\n  widths: [3]", "'model.widths' means nothing with model.kind layers"),
    (
      "  kind: mlp\n  widths: [3]\n  layers: [relu]",
      "'model.layers' means nothing with model.kind mlp: it belongs to layers"
    ),
    ("  kind: resnet\n  depth: 21", "model.depth is 21, but must be 6n + 2: 8, 14, 20"),
    (
      "  kind: mlp\n  widths: [3]\n  depth: 20", "'model.depth' means nothing with model.kind mlp: it belongs to resnet"
    ),
    ("  kind: keskarC1\n  dropout: 0.5", "'model.dropout' means nothing with model.kind keskarC1"),
  ])
  func badListsAreNamed(layers: String, words: String) throws {
    let problem = try problem(layers)
    #expect(problem.contains(words), "\(problem)")
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "{residual: {layers: [", count: depth) + "relu" + String(repeating: "]}}", count: depth)
    }
    #expect(throws: Never.self) { try model("  layers: [\(nested(64))]") }
    #expect(try problem("  layers: [\(nested(65))]").contains("stands in more than 64 composites"))
    #expect(try problem("  layers: [\(nested(3000))]").hasPrefix("run.yaml:5: "))
  }

  @Test func namesOfImageModelsAreRead() throws {
    #expect(try model("  kind: resnet") == .resnet(depth: 20, width: 1))
    #expect(try model("  kind: resnet\n  depth: 44\n  width: 2") == .resnet(depth: 44, width: 2))
    #expect(try model("  kind: resnet\n  normalization: group") == .resnet(depth: 20, width: 1, normalization: .group))
    #expect(try model("  kind: resnet\n  normalization: none") == .resnet(depth: 20, width: 1, normalization: .nothing))
    #expect(try model("  kind: resnet\n  normalization: batch") == .resnet(depth: 20, width: 1))
    #expect(try model("  kind: keskarC1") == .keskarC1)
  }
}
