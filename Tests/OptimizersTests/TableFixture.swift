import Buffers
import Configuration
import Gradients
import Optimizers

/// Tables of several widths behind a dense layer.
struct TableFixture {
  static let rows = 300
  let layout: ParameterLayout
  let parameters: Tensor

  init(widths: [Int] = [16, 1, 5, 40], rows: Int = Self.rows) {
    layout = ParameterLayout(layers: [
      widths.map {
        Parameter(name: "embedding1.\($0)", shape: Shape(rows, $0), start: .normal(deviation: 0.3), role: .table)
      }, [Parameter(name: "dense1.weight", shape: Shape(7, 3), start: .uniform(limit: 0.5))],
    ])
    parameters = Tensor(Shape(layout.count))
    layout.initialize(parameters, seed: 7)
  }

  /// Made-up rows and gradients of a step.
  func gradients(step: Int, samples: Int = 50) -> TableGradients {
    let tables = TableGradients(layout)!
    let random = Philox(99, UInt64(step))
    for sample in 0..<samples {
      let unit = Philox.unit(random.block(UInt64(sample), 1).x)
      _ = tables.rows.touch(Int32(unit * unit * Float(tables.tableRows)), times: 1 + Int32(sample % 3))
    }
    for (index, table) in tables.tables.enumerated() {
      let values = table.values
      for place in 0..<values.count {
        values.buffer[place] = 2 * Philox.unit(random.block(UInt64(place), UInt64(2 + index)).x) - 1
      }
    }
    return tables
  }

  func values(_ table: Int) -> [Double] { parameters.slice(layout.tables[table].range).values.map(Double.init) }
}

extension TableOptimizer {
  func step(_ fixture: TableFixture, _ gradients: TableGradients, _ learningRate: Double, scale: Float = 1) {
    let dense = Tensor(Shape(fixture.layout.denseCount))
    update(
      parameters: fixture.parameters, gradients: ReducedGradients(arena: dense, tables: gradients),
      learningRate: learningRate, gradientScale: scale)
  }
}
