import Buffers
import Gradients
import Testing

/// Gradient rows of two tables, of two floats and of one, of microbatches that are added up.
@Suite struct RowStoreTests {
  private let layout = ParameterLayout(layers: [
    [
      Parameter(name: "wide", shape: Shape(10, 2), start: .constant(0), role: .table),
      Parameter(name: "narrow", shape: Shape(10, 1), start: .constant(0), role: .table),
    ]
  ])

  private func gradients(_ rows: [(id: Int32, times: Int32, values: [Float])]) -> TableGradients {
    let tables = TableGradients(layout)!
    for row in rows {
      let number = tables.rows.touch(row.id, times: row.times)
      tables.tables[0].values.pointer[2 * number] = row.values[0]
      tables.tables[0].values.pointer[2 * number + 1] = row.values[1]
      tables.tables[1].values.pointer[number] = row.values[2]
    }
    return tables
  }

  private var microbatches: [TableGradients] {
    [
      gradients([(3, 2, [1, 2, 3]), (7, 1, [4, 5, 6])]),
      gradients([(7, 3, [10, 20, 30]), (5, 1, [0.5, 0.25, 0.125])]),
    ]
  }

  private func expectSums(_ sums: TableGradients) {
    #expect(Array(sums.rows.ids) == [3, 7, 5])
    #expect(Array(sums.rows.occurrences) == [2, 1 + 3, 1])
    #expect(Array(sums.tables[0].values.buffer) == [1, 2, 14, 25, 0.5, 0.25])
    #expect(Array(sums.tables[1].values.buffer) == [3, 36, 0.125])
  }

  @Test func floatsAndOccurrencesOfMicrobatchesAddUp() {
    let sums = TableGradients(layout)!
    let rows = FloatRows(sums)
    for microbatch in microbatches { rows.accumulate(microbatch) }
    expectSums(sums)
  }

  @Test func exactSumsAndOccurrencesOfMicrobatchesComeBackAsFloats() {
    let rows = FixedPointRows(width: 3)
    for microbatch in microbatches { rows.accumulate(microbatch) }
    let sums = gradients([(1, 9, [9, 9, 9])])
    rows.round(into: sums)
    expectSums(sums)
  }

  /// The last row takes the place of one that is removed.
  @Test func whatIsRemovedIsForgottenAndTheRestStays() {
    let (sums, exact) = (TableGradients(layout)!, FixedPointRows(width: 3))
    let floats = FloatRows(sums)
    for microbatch in microbatches {
      floats.accumulate(microbatch)
      exact.accumulate(microbatch)
    }
    let rounded = TableGradients(layout)!
    [Int32(0)].withUnsafeBufferPointer {
      floats.remove($0)
      exact.remove($0)
    }
    exact.round(into: rounded)
    for tables in [sums, rounded] {
      #expect(Array(tables.rows.ids) == [5, 7])
      #expect(Array(tables.rows.occurrences) == [1, 1 + 3])
      #expect(Array(tables.tables[0].values.buffer) == [0.5, 0.25, 14, 25])
      #expect(Array(tables.tables[1].values.buffer) == [0.125, 36])
    }
    // Behind that all begins anew.
    floats.clear()
    for microbatch in microbatches { floats.accumulate(microbatch) }
    expectSums(sums)
  }
}
