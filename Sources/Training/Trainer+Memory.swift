import Buffers
import Configuration
import Optimizers

/// What tables take, said before any of it is allocated: a system that runs out of memory ends a process without a word.
extension Trainer {
  /// Collective. Throws on every rank where some node's memory is too small for what its ranks will hold.
  static func requireMemory(
    for layout: ParameterLayout, _ configuration: RunConfiguration, _ session: TrainingSession
  ) throws {
    guard !layout.tables.isEmpty else { return }
    let memory = try NodeMemory(session.communicator)
    try session.communicator.agree {
      try memory.require(
        memoryParts(of: layout, configuration, ranks: session.communicator.size),
        remedy: "set a smaller model.embedding, fewer hash buckets or a larger minimum count in the schema, a "
          + "tables.optimizer with less state (rowwiseAdagrad, sgd), or start fewer ranks on a node")
    }
  }

  private static func memoryParts(
    of layout: ParameterLayout, _ configuration: RunConfiguration, ranks: Int
  ) -> [MemoryPart] {
    let optimizer = configuration.tables.optimizer
    return [
      MemoryPart("dense weights", layout.denseCount * MemoryLayout<Float>.stride),
      MemoryPart("tables", layout.tableBytes),
      MemoryPart("tables.optimizer \(optimizer.rawValue)", layout.tableStateBytes(optimizer)),
      MemoryPart("execution.tableExchange dense", exchangeBytes(layout, configuration.execution, ranks: ranks)),
    ]
  }

  /// What a dense exchange of whole tables holds besides: only where it is asked for, since `auto` chooses it only where
  /// it is about as large as the gathered rows.
  private static func exchangeBytes(_ layout: ParameterLayout, _ execution: ExecutionConfiguration, ranks: Int) -> Int {
    guard ranks > 1, execution.tableExchange == .dense, let rows = layout.tables.first?.parameter.shape[0] else {
      return 0
    }
    let element = execution.summation == .reproducible ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride
    return (layout.tableBytes / MemoryLayout<Float>.stride + rows) * element
  }
}

extension ParameterLayout {
  var tableBytes: Int { tables.reduce(0) { $0 + $1.parameter.shape.count * MemoryLayout<Float>.stride } }

  func tableStateBytes(_ optimizer: TablesConfiguration.Optimizer) -> Int {
    tables.reduce(0) { sum, table in
      let shape = table.parameter.shape
      return sum + optimizer.stateCount(rows: shape[0], width: shape[1]) * MemoryLayout<Float>.stride
    }
  }
}
