import Buffers
import Configuration
import Layers
import Models
import Testing

@Suite struct ClickModelTests {
  private static let fields = IDFields(names: ["weekday", "carrier", "origin"], cardinalities: [4, 6, 2])
  /// Ids of five samples, in the joined table; rows repeat.
  private static let ids: [Int32] = [0, 4, 10, 3, 4, 11, 0, 9, 10, 0, 4, 10, 2, 6, 11]
  private static let labels: [Int32] = [0, 1, 1, 0, 1]
  /// The same with up to three carriers or none (row 10), or just as many.
  private static let severalFields = [true, false].map { isMean in
    IDFields(
      names: ["weekday", "carriers", "origin"], cardinalities: [4, 7, 2],
      bags: [IDBag(field: 1, atMost: 3, isMean: isMean)])
  }
  private static let severalIDs: [Int32] = [
    0, 4, 5, 10, 11, 3, 4, 10, 10, 12, 0, 9, 9, 6, 11, 0, 10, 10, 10, 11, 2, 6, 4, 10, 12,
  ]

  private static let models: [ModelConfiguration] =
    [.logistic]
    + ClickModelConfiguration.Kind.allCases.map { kind in
      .click(
        ClickModelConfiguration(
          kind: kind, embedding: 3, embeddingDeviation: 0.5, widths: kind == .factorizationMachine ? [] : [5, 4],
          bottomWidths: kind == .dlrm ? [4] : [], crossLayers: 2))
    }

  private static func model(
    _ configuration: ModelConfiguration, values: Int, _ fields: IDFields = ClickModelTests.fields
  ) throws -> Model {
    try Model(configuration, input: Shape(values), classes: 2, idFields: fields, ghostBatch: 1)
  }

  private final class Fixture {
    let model: Model
    let parameters: Tensor
    let gradients: Tensor
    let tables: TableGradients
    private let network: Network
    private let inputs: [Float]
    private let ids: [Int32]

    init(_ configuration: ModelConfiguration, values: Int, _ fields: IDFields = ClickModelTests.fields) throws {
      model = try ClickModelTests.model(configuration, values: values, fields)
      ids = fields.bags == nil ? ClickModelTests.ids : ClickModelTests.severalIDs
      parameters = Tensor(Shape(model.layout.count))
      model.layout.initialize(parameters, seed: 7)
      gradients = Tensor(Shape(model.layout.denseCount))
      gradients.fill(.nan)
      tables = try #require(TableGradients(model.layout))
      network = try Network(
        model, parameters: parameters, gradients: gradients, tables: tables, maximumRows: 5, seed: 7)
      let random = Philox(3)
      inputs = (0..<5 * values).map { 2 * Philox.unit(random.block(UInt64($0), 0).x) - 1 }
    }

    /// One global batch in microbatches of `micro` samples; gives the mean loss.
    @discardableResult
    func step(micro: Int) throws -> Double {
      var sums = LossSums()
      let (width, fields) = (model.input.count, ids.count / 5)
      for first in stride(from: 0, to: 5, by: micro) {
        let rows = first..<min(first + micro, 5)
        sums += try network.computeGradients(
          Tensor(
            Array(inputs[rows.lowerBound * width..<rows.upperBound * width]), shape: Shape(rows.count, width)),
          ids: Array(ids[rows.lowerBound * fields..<rows.upperBound * fields]),
          labels: Array(ClickModelTests.labels[rows]), first: first, globalBatch: 5)
      }
      return sums.loss / 5
    }

    /// In the parameters' layout, tables whole.
    var allGradients: [Float] {
      let all = Tensor(Shape(model.layout.count))
      all.slice(0..<gradients.count).copy(from: gradients)
      for (table, entry) in zip(tables.tables, model.layout.tables) {
        table.addRows(to: all.slice(entry.range), times: 1)
      }
      return all.values
    }
  }

  @Test(arguments: models, [0, 4])
  func gradientEqualsFiniteDifferencesOfTheMeanLoss(_ configuration: ModelConfiguration, values: Int) throws {
    for fields in [Self.fields] + Self.severalFields {
      try requireGradient(Fixture(configuration, values: values, fields), configuration)
    }
  }

  private func requireGradient(_ fixture: Fixture, _ configuration: ModelConfiguration) throws {
    try fixture.step(micro: 5)
    let analytic = fixture.allGradients
    for entry in fixture.model.layout.entries {
      for index in entry.range {
        let before = fixture.parameters.buffer[index]
        fixture.parameters.buffer[index] = before + 5e-4
        let above = try fixture.step(micro: 5)
        fixture.parameters.buffer[index] = before - 5e-4
        let below = try fixture.step(micro: 5)
        fixture.parameters.buffer[index] = before
        #expect(
          abs((above - below) / 1e-3 - Double(analytic[index])) < 3e-4,
          "\(configuration.name): \(entry.parameter.name) \(index - entry.range.lowerBound)")
      }
    }
  }

  @Test(arguments: models, [1, 2, 3])
  func microbatchesAddUpToTheWholeBatch(_ configuration: ModelConfiguration, micro: Int) throws {
    let whole = try Fixture(configuration, values: 4)
    let parts = try Fixture(configuration, values: 4)
    let loss = try whole.step(micro: 5)
    // Twice: nothing of the step before may stay.
    try parts.step(micro: 5)
    #expect(abs(try parts.step(micro: micro) - loss) < 1e-6)
    let (all, expected) = (parts.allGradients, whole.allGradients)
    for entry in whole.model.layout.entries {
      #expect(
        entry.range.allSatisfy { abs(all[$0] - expected[$0]) < 1e-6 }, "\(configuration.name): \(entry.parameter.name)")
    }
    #expect(expected.contains { abs($0) > 1e-2 })
  }

  @Test func deepFMOfTheRunFile() throws {
    let model = try Self.model(
      .click(ClickModelConfiguration(kind: .deepfm, embedding: 16, widths: [400, 400, 400])), values: 13)
    let deep = (3 * 16 + 13) * 400 + 400 + 2 * (400 * 400 + 400) + 401
    #expect(model.layout.trainedCount == 12 + 14 + 12 * 16 + deep)
    #expect(model.layout.tables.map(\.parameter.shape) == [Shape(12, 1), Shape(12, 16)])
    #expect(model.output == Shape(1) && model.loss is BinaryCrossEntropy)
    // Embeddings start small, the ids' own weights at 0.
    let parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 1)
    #expect(parameters.slice(model.layout.tables[0].range).values.allSatisfy { $0 == 0 })
    let squares = parameters.slice(model.layout.tables[1].range).values.reduce(0) { $0 + $1 * $1 }
    #expect((0.008...0.012).contains((squares / 192).squareRoot()))
  }

  @Test func dropoutTakesItsPlace() throws {
    let model = try Self.model(
      .click(ClickModelConfiguration(kind: .dlrm, embedding: 3, widths: [5], bottomWidths: [4], dropout: 0.5)),
      values: 2)
    #expect(
      model.layerNames == [
        "dense1", "relu1", "dense2", "relu2", "embedding1", "dotInteraction1", "dense3", "relu3", "dropout1", "dense4",
      ])
  }

  @Test func clickDataWithoutIDsHaveOneScore() throws {
    let noFields = IDFields(names: [], cardinalities: [])
    for configuration in [ModelConfiguration.logistic, .mlp(widths: [4], batchNorm: false, dropout: 0)] {
      let model = try Model(configuration, input: Shape(3), classes: 2, idFields: noFields, ghostBatch: 1)
      #expect(model.output == Shape(1) && model.loss is BinaryCrossEntropy)
    }
  }

  @Test(arguments: models.dropFirst())
  func clickModelsNeedIDs(_ configuration: ModelConfiguration) {
    for fields in [nil, IDFields(names: [], cardinalities: [])] {
      let error = #expect(throws: LayerError.self) {
        try Model(configuration, input: Shape(784), classes: 10, idFields: fields, ghostBatch: 1)
      }
      #expect(error?.description.contains("use model.kind mlp or logistic") == true)
    }
  }

  @Test func otherModelsRefuseIDs() {
    let image: [ModelConfiguration] = [
      .mlp(widths: [4], batchNorm: false, dropout: 0), .cnn(filters: [4], hidden: 4, batchNorm: false, dropout: 0),
    ]
    for configuration in image {
      let error = #expect(throws: LayerError.self) { try Self.model(configuration, values: 4) }
      #expect(error?.description.contains("takes no ids, and these samples have 3 fields of them") == true)
    }
  }
}
