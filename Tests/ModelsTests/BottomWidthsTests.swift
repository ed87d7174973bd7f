import Buffers
import Configuration
import Layers
import Models
import Testing

/// DLRM takes dense values through layers of their own: without values it needs none, and with them somebody must say which.
@Suite struct BottomWidthsTests {
  private func model(_ bottomWidths: [Int]?, values: Int) throws -> Model {
    let dlrm = ClickModelConfiguration(kind: .dlrm, embedding: 3, widths: [5], bottomWidths: bottomWidths)
    return try Model(
      .click(dlrm), input: Shape(values), classes: 2,
      idFields: IDFields(names: ["a", "b"], cardinalities: [4, 2]), ghostBatch: 1)
  }

  @Test func areNotNeededWithoutValues() throws {
    let (without, empty) = (try model(nil, values: 0), try model([], values: 0))
    #expect(without.layout.count == empty.layout.count && without.output == Shape(1))
  }

  @Test func areAskedForWithValues() throws {
    let error = try #require(throws: LayerError.self) { _ = try model(nil, values: 2) }
    #expect("\(error)".contains("missing key 'model.bottomWidths': these data have 2 dense values"))
    #expect(try model([], values: 2).output == Shape(1))
  }
}
