import Buffers
import Gradients
import Testing

/// Norms of microbatches, whichever way they add up.
@Suite struct MicrobatchSquaresTests {
  /// Two dense layers, statistics and padding between them, and two tables.
  private let layout = ParameterLayout(layers: [
    [
      Parameter(name: "weight", shape: Shape(5, 3), start: .constant(0)),
      Parameter(name: "wide", shape: Shape(40, 2), start: .constant(0), role: .table),
      Parameter(name: "narrow", shape: Shape(40, 1), start: .constant(0), role: .table),
    ],
    [
      Parameter(name: "scale", shape: Shape(7), start: .constant(0)),
      Parameter(
        name: "mean", shape: Shape(7), start: .constant(0), role: .statistic(.init(weight: 0.1, samples: 4))),
    ],
  ])
  private let sizes = [4, 4, 3]

  private func gradient(_ microbatch: Int, _ index: Int) -> Float {
    2 * Philox.unit(Philox(9, UInt64(microbatch)).block(UInt64(index), 0).x) - 1
  }

  /// Some rows that only this microbatch touches, and one that all do.
  private func rows(_ microbatch: Int) -> [Int32] { [Int32(3 * microbatch), 39, Int32(20 + microbatch)] }

  /// As layers do: dense gradients are overwritten or added to, rows as well.
  private func add(_ microbatch: Int, to arena: GradientArena, _ tables: TableGradients, overwrites: Bool) {
    for index in layout.entries.filter({ $0.range.upperBound <= layout.denseCount }).flatMap(\.range) {
      arena.gradients.buffer[index] = gradient(microbatch, index) + (overwrites ? 0 : arena.gradients.buffer[index])
    }
    if overwrites { tables.clear() }
    for id in rows(microbatch) {
      let number = tables.rows.touch(id, times: 1)
      for (index, table) in tables.tables.enumerated() {
        for column in 0..<table.width {
          table.values.pointer[number * table.width + column] += gradient(
            microbatch, 1000 + 8 * Int(id) + 4 * index + column)
        }
      }
    }
  }

  private func expected(_ microbatches: Range<Int>) -> (dense: Double, tables: Double) {
    var (dense, tables) = (0.0, 0.0)
    func square(_ x: Float) -> Double { Double(x) * Double(x) }
    for microbatch in microbatches {
      let size = Double(sizes[microbatch])
      for entry in layout.entries where entry.parameter.role == .trained {
        for index in entry.range { dense += square(gradient(microbatch, index)) / size }
      }
      for id in rows(microbatch) {
        for place in [0, 1, 4] { tables += square(gradient(microbatch, 1000 + 8 * Int(id) + place)) / size }
      }
    }
    return (dense, tables)
  }

  @Test(arguments: [Accumulation.inPlace, .alone, .exact], [0..<3, 1..<3, 2..<3, 1..<1])
  func areThoseOfEachMicrobatchByItself(accumulation: Accumulation, microbatches: Range<Int>) {
    let arena = GradientArena(layout, accumulation)
    let tables = TableGradients(layout)!
    let squares = MicrobatchSquares(arena, layout: layout, rows: tables)
    // The second step has nothing of the first.
    for _ in 0..<2 {
      squares.beginStep()
      for microbatch in microbatches {
        let isFirst = microbatch == microbatches.lowerBound
        add(microbatch, to: arena, tables, overwrites: isFirst || accumulation.isAlone)
        for layer in [1, 0] {
          squares.layerDone(
            layer, samples: sizes[microbatch], isFirst: isFirst, isLast: microbatch == microbatches.upperBound - 1)
        }
      }
      let expected = expected(microbatches)
      // What is added in place is rounded: differences of floats of about 1.
      #expect(abs(squares.dense - expected.dense) <= 2e-6 * expected.dense)
      #expect(abs(squares.tables - expected.tables) <= 2e-6 * expected.tables)
    }
  }
}
