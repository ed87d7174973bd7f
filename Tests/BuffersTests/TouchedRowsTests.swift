import Buffers
import Testing

@Suite struct TouchedRowsTests {
  /// Ids of a step: many, some of them often, from a table of `rows`.
  private func ids(step: Int, count: Int, rows: Int) -> [Int32] {
    let random = Philox(11, UInt64(step))
    return (0..<count).map { index in
      let unit = Double(Philox.unit(random.block(UInt64(index), 0).x))
      return Int32(min(rows - 1, Int(unit * unit * Double(rows))))
    }
  }

  /// Steps of different sizes in one object, so that it grows, and is emptied when nearly full and when nearly empty.
  @Test func numbersDistinctRowsInTheOrderInWhichTheyCome() {
    let rows = TouchedRows(capacity: 16)
    for (step, (count, table)) in [(5, 9), (3000, 200_000), (40, 1 << 30), (5000, 300), (900, 1 << 31), (3000, 50_000)]
      .enumerated()
    {
      rows.clear()
      var seen: [Int32: Int] = [:]
      var occurrences: [Int32] = []
      for microbatch in 0..<2 {
        let ids = ids(step: 2 * step + microbatch, count: count, rows: table)
        let expected = ids.map { id in
          if let number = seen[id] {
            occurrences[number] += 1
            return Int32(number)
          }
          seen[id] = occurrences.count
          occurrences.append(1)
          return Int32(occurrences.count - 1)
        }
        ids.withUnsafeBufferPointer { rows.touch(all: $0) }
        #expect(Array(rows.slots) == expected)
      }
      #expect(rows.count == seen.count)
      #expect(Array(rows.occurrences) == occurrences)
      #expect(rows.ids.enumerated().allSatisfy { seen[$1] == $0 })
    }
  }

  /// Rows that share places: one that stepped aside must be found when those before it are gone.
  @Test func nothingSurvivesAClear() {
    let rows = TouchedRows(capacity: 1024)
    for step in 0..<200 {
      let ids = ids(step: step, count: 200, rows: 5_000_000)
      ids.withUnsafeBufferPointer { rows.touch(all: $0) }
      #expect(rows.count == Set(ids).count, "step \(step)")
      #expect(rows.occurrences.reduce(0, +) == 200)
      rows.clear()
      #expect(rows.count == 0)
    }
  }

  @Test func countsOccurrencesGiven() {
    let rows = TouchedRows()
    #expect(rows.touch(7, times: 3) == 0)
    #expect(rows.touch(9, times: 1) == 1)
    #expect(rows.touch(7, times: 2) == 0)
    rows.addOccurrences(4, to: 1)
    #expect(Array(rows.ids) == [7, 9])
    #expect(Array(rows.occurrences) == [5, 5])
  }

  @Test(arguments: [1, 2, 300, 2048, 2049, 5_000_000, 1 << 31]) func ordersByID(tableRows: Int) {
    let rows = TouchedRows()
    for step in 0..<2 {
      rows.clear()
      let ids = ids(step: step, count: 3000, rows: tableRows)
      ids.withUnsafeBufferPointer { rows.touch(all: $0) }
      let ordered = rows.numbersByID(tableRows: tableRows).map { rows.ids[Int($0)] }
      #expect(ordered == Array(Set(ids)).sorted())
    }
  }

  /// Found are those that were touched, and none that were not; once some are removed the rest is whole, until it is cleared.
  @Test(arguments: [0, 1, 7, 400]) func rowsAreFoundAndRemoved(every: Int) {
    let rows = TouchedRows(capacity: 16)
    for step in 0..<3 {
      rows.clear()
      let ids = ids(step: step, count: 3000, rows: 50_000)
      ids.withUnsafeBufferPointer { rows.touch(all: $0) }
      let (all, times) = (Array(rows.ids), Array(rows.occurrences))
      let strangers = (0..<Int32(1000)).map { 50_000 + $0 }
      var numbers = [Int32](repeating: 7, count: all.count + strangers.count)
      (all + strangers).withUnsafeBufferPointer { ids in
        numbers.withUnsafeMutableBufferPointer { rows.find(ids, numbers: $0.baseAddress!) }
      }
      #expect(numbers == all.indices.map { Int32($0) } + strangers.map { _ in -1 })
      let removed = every == 0 ? [] : all.indices.filter { $0 % every == 0 || $0 > all.count - 3 }.map { Int32($0) }
      var held = all
      removed.withUnsafeBufferPointer { rows.remove($0) { held[$1] = held[$0] } }
      #expect(rows.count == all.count - removed.count && Array(rows.ids) == Array(held[..<rows.count]))
      let expected = Set(all.indices).subtracting(removed.map(Int.init))
      #expect(
        Dictionary(uniqueKeysWithValues: zip(rows.ids, rows.occurrences))
          == Dictionary(uniqueKeysWithValues: expected.map { (all[$0], times[$0]) }))
    }
  }

  @Test func gradientsOfNewRowsAreZero() throws {
    let layout = ParameterLayout(layers: [
      [
        Parameter(name: "a", shape: Shape(5000, 3), start: .constant(0), role: .table),
        Parameter(name: "b", shape: Shape(5000, 1), start: .constant(0), role: .table),
      ]
    ])
    let tables = try #require(TableGradients(layout))
    #expect(tables.width == 4 && tables.tableRows == 5000)
    for size in [10, 2000, 1200] {
      tables.clear()
      for half in 0..<2 {
        for id in 0..<size { _ = tables.rows.touch(Int32(id + half * size / 2), times: 1) }
        for table in tables.tables {
          #expect(table.values.shape == Shape(tables.rows.count, table.width))
          let old = half * size * table.width
          #expect(table.values.values.indices.allSatisfy { table.values.buffer[$0] == ($0 < old ? 1 : 0) })
          table.values.fill(1)
        }
      }
    }
    #expect(TableGradients(ParameterLayout(layers: [])) == nil)
  }
}
