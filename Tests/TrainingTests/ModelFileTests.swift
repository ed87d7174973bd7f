import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing
import Training

/// Data with a schema and no samples.
private struct EmptyClicks: ClickSamples {
  var schema: ClickSchema
  let name = "clicks"
  let count = 0
  let classes = 2
  var inputShape: Shape { Shape(schema.dense.count) }
  var idFields: IDFields? { schema.idFields }
  var clickSchema: ClickSchema? { schema }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) {}
}

@Suite struct ModelFileTests {
  private static let schema = ClickSchema(
    name: "monday", label: .init(column: "click"), dense: [.init(column: "age", transform: .log, mean: 2)],
    fields: [
      .init(column: "site", encoding: .hash(buckets: 100)),
      .init(column: "city", encoding: .vocabulary(minimumCount: 2, texts: ["Bonn", "Graz"])),
    ])

  private func model(_ schema: ClickSchema = schema) -> ModelFile {
    var configuration = RunConfiguration(
      model: .click(ClickModelConfiguration(kind: .deepfm, widths: [8])), data: DataConfiguration(path: "x"),
      globalBatch: 4, epochs: 1)
    configuration.ghostBatch = 2
    return ModelFile(configuration, EmptyClicks(schema: schema), weightsSHA256: "0")
  }

  /// The fault of data of this schema; nil where there is none.
  private func problem(_ change: (inout ClickSchema) -> Void) -> String? {
    var schema = Self.schema
    change(&schema)
    do {
      try model().requireFits(EmptyClicks(schema: schema), at: "tuesday")
      return nil
    } catch { return "\(error)" }
  }

  @Test func comesBackFromJSON() throws {
    let folder = try TemporaryFolder()
    try model().encoded().write(to: folder.file("model.json"))
    #expect(try ModelFile.read(folder.file("model.json")) == model())
  }

  @Test func anotherDaysDataOfTheSameSchemaFits() {
    #expect(problem { $0.name = "tuesday" } == nil)
  }

  @Test func dataOfAnotherSchemaIsRefusedByField() throws {
    let problems: [(String?, [String])] = [
      (problem { $0.fields[0].encoding = .hash(buckets: 101) }, ["'site'", "101", "100"]),
      (problem { $0.fields[0].column = "page" }, ["field 1", "'page'", "'site'"]),
      (problem { $0.fields[1].encoding = .vocabulary(minimumCount: 2, texts: ["Bonn", "Wien"]) }, ["'city'"]),
      (problem { $0.fields.removeLast() }, ["field 2", "missing", "'city'"]),
      (problem { $0.fields.append(.init(column: "hour", encoding: .integer(cardinality: 24))) }, ["'hour'"]),
      (problem { $0.dense[0].mean = 3 }, ["'age'", "mean 3.0"]),
      (problem { $0.dense[0].column = "size" }, ["dense value 1", "'size'", "'age'"]),
      (problem { $0.dense.append(.init(column: "size")) }, ["dense value 'size'"]),
      (problem { $0.dense = [] }, ["dense value 1 is missing", "'age'"]),
    ]
    for (problem, words) in problems {
      let problem = try #require(problem, "no problem that names \(words)")
      for word in ["tuesday"] + words { #expect(problem.contains(word), "no \(word) in '\(problem)'") }
    }
  }

  private func images(_ model: ModelConfiguration, _ normalization: DataConfiguration.Normalization = .unit)
    -> ModelFile
  {
    var file = self.model()
    (file.model, file.inputShape, file.idFields, file.schema) = (model, Shape(28, 28, 1), nil, nil)
    (file.classes, file.normalization) = (10, normalization)
    return file
  }

  @Test func weightsOfDifferentModelsAreNotAddedUp() throws {
    let ours = images(.mlp(widths: [20, 10], batchNorm: true, dropout: 0.1))
    try ours.requireSameLayers(as: images(.mlp(widths: [20, 10], batchNorm: true, dropout: 0.5)), "a", "b")
    func problem(_ other: ModelFile) -> String {
      "\(#expect(throws: ModelFile.Failure.self) { try ours.requireSameLayers(as: other, "a", "b") }.map { "\($0)" } ?? "")"
    }
    let wide = problem(images(.mlp(widths: [20, 12], batchNorm: true, dropout: 0.1)))
    #expect(wide.contains("a and b hold different models: the first layer that differs is dense2"), "\(wide)")
    #expect(wide.contains("dense2.weight") && wide.contains("one model"), "\(wide)")
    let plain = problem(images(.mlp(widths: [20, 10], batchNorm: false, dropout: 0.1)))
    #expect(plain.contains("the first layer that differs is"), "\(plain)")
    let deeper = problem(images(.mlp(widths: [20, 10, 10], batchNorm: true, dropout: 0.1)))
    #expect(deeper.contains("the first layer that differs is"), "\(deeper)")
    let scaled = problem(images(.mlp(widths: [20, 10], batchNorm: true, dropout: 0.1), .standard))
    #expect(scaled.contains("data.normalization is unit in one and standard in the other"), "\(scaled)")
  }

  /// Weights of the same shapes may still mean different things.
  @Test func modelsThatDifferInALayerWithoutWeightsAreNamed() throws {
    func list(_ pool: LayerConfiguration) -> ModelFile {
      images(
        .layers([
          .init(.convolution(filters: 4, kernel: 3, stride: 1, padding: 0, bias: true)), pool,
          .init(.globalAveragePool),
          .init(.dense(width: .classes)),
        ]))
    }
    let error = #expect(throws: ModelFile.Failure.self) {
      try list(.init(.maxPool(size: 2, stride: 2, padding: 0))).requireSameLayers(
        as: list(.init(.averagePool(size: 2, stride: 2))), "a", "b")
    }
    #expect(error?.description.contains("model.layers is") == true, "\(error?.description ?? "")")
  }
}
