import Buffers
import Datasets
import Foundation
import Testing
import Training

/// Rows of a file in a larger table, and what an optimiser remembers for them.
@Suite struct GrownTablesTests {
  private func schema(_ texts: Int, step: Int) -> ClickSchema {
    let texts = stride(from: 0, to: texts, by: step).map { "\($0 + 1_000_000)" }
    let field = ClickSchema.IDColumn(column: "a", encoding: .vocabulary(minimumCount: 1, texts: texts))
    return ClickSchema(name: "a", label: .init(column: "y"), dense: [], fields: [field])
  }

  /// More than the file is read in at once, in rows of which some lie in two parts.
  @Test func rowsGoToTheirPlacesAndTheRestStays() throws {
    let growth = try VocabularyGrowth(from: schema(300_000, step: 2), to: schema(300_000, step: 1))
    let rows = growth.rows.count
    #expect(rows == 150_001)
    let layout = ParameterLayout(layers: [
      [
        Parameter(name: "t.weight", shape: Shape(300_001, 7), start: .constant(0), role: .table),
        Parameter(name: "d.weight", shape: Shape(3), start: .constant(0), role: .trained),
      ]
    ])
    let grown = GrownTables(growth, layout)
    let folder = try TemporaryFolder()
    let file = folder.file("t.safetensors")
    let table = Tensor((0..<rows * 7).map { Float($0) }, shape: Shape(rows, 7))
    let state = Tensor((0..<rows).map { -Float($0) }, shape: Shape(rows))
    let dense = Tensor([1, 2, 3], shape: Shape(3))
    try SafeTensors.write(
      [("t.weight", table), ("t.weight.accumulator", state), ("d.weight", dense)], metadata: [:], to: file)
    let (large, accumulator, same) = (Tensor(Shape(300_001, 7)), Tensor(Shape(300_001)), Tensor(Shape(3)))
    large.fill(0.5)
    accumulator.fill(0.25)
    try SafeTensors.read(
      file, into: [("t.weight", large), ("t.weight.accumulator", accumulator), ("d.weight", same)], grown: grown)
    var places: [Int: Int] = [:]
    for (row, place) in growth.rows.enumerated() { places[place] = row }
    var wrong = 0
    for row in 0..<300_001 {
      for column in 0..<7 {
        let wanted = places[row].map { Float($0 * 7 + column) } ?? 0.5
        if large.buffer[row * 7 + column] != wanted { wrong += 1 }
      }
      if accumulator.buffer[row] != places[row].map({ -Float($0) }) ?? 0.25 { wrong += 1 }
    }
    #expect(wrong == 0 && Array(same.buffer) == [1, 2, 3])
  }
}
