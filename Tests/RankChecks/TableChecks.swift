import Buffers
import Configuration
import Datasets
import Gradients
import Layers
import Measurement
import MessagePassing
import Models
import Optimizers
import Training

/// Row-sparse gradients: however they are exchanged and however many ranks there are, the weights are those of one rank,
/// and every rank has the same bits.
let tableChecks =
  tableRuns.map { run in
    RankCheck("tables, ranks equal one rank: \(run.name)") { world in try compareTables(run, world) }
  } + [
    RankCheck("tables, the same bits as one rank: gathered") { world in
      for exchange in ExecutionConfiguration.TableExchange.allCases {
        for rows in [300, 200_000] { try compareReproducible(exchange, rows: rows, world) }
      }
    },
    RankCheck("tables that a host has once: the bits of those that each rank has", oneCopyBringsTheSame),
    RankCheck("a gathered exchange moves little more than the rows", gatheredBytes),
    RankCheck("rows that the last microbatch does not touch leave before it", earlyRowsLeave),
    RankCheck("auto gathers few rows of a large table and decides by what it measured", autoDecides),
    RankCheck("a table too large for memory is refused", tooLargeIsRefused),
    RankCheck("row gradients that are not finite stop every rank", divergenceStops),
  ]

struct TableRun: Sendable {
  let name: String
  var configuration: RunConfiguration
  var rows = 300
  var samples = 700
  var hasWeights = false
  var pooling: ClickValues.Pooling?
}

private let tableRuns: [TableRun] =
  TablesConfiguration.Optimizer.allCases.flatMap { optimizer in
    ExecutionConfiguration.TableExchange.allCases.map { exchange in
      TableRun(
        name: "\(optimizer.rawValue), \(exchange.rawValue)",
        configuration: tableConfiguration {
          $0.tables = .init(optimizer: optimizer)
          $0.tables.l2 = 1e-3
          $0.execution.tableExchange = exchange
        })
    }
  }
  + [ExecutionConfiguration.TableExchange.sparse, .dense].map { exchange in
    TableRun(
      name: "CowClip, clipping, warm-up of its own, \(exchange.rawValue)",
      configuration: tableConfiguration {
        $0.tables = .init(optimizer: .adam)
        $0.tables.cowClip = .init(ratio: 0.02, floor: 1e-3)
        $0.tables.learningRate = LearningRateConfiguration(base: 0.01, baseBatch: 160, warmUpEpochs: 1)
        $0.optimizer.clipNorm = 0.05
        $0.execution.tableExchange = exchange
      })
  }
  + [ExecutionConfiguration.Overlap.none, .start].map { overlap in
    TableRun(
      name: "overlap \(overlap.rawValue), buckets of a byte",
      configuration: tableConfiguration {
        $0.execution.overlap = overlap
        $0.execution.bucketBytes = .bytes(1)
        $0.execution.tableExchange = .sparse
      })
  }
  + [
    TableRun(
      name: "more ranks than microbatches",
      configuration: tableConfiguration {
        $0.globalBatch = 40
        $0.microBatch = 30
        $0.tables.cowClip = .init(ratio: 0.02, floor: 1e-3)
        $0.execution.tableExchange = .sparse
      }),
    TableRun(
      name: "one id only", configuration: tableConfiguration { $0.execution.tableExchange = .sparse }, rows: 1),
    TableRun(
      name: "hardly a row twice", configuration: tableConfiguration { $0.execution.tableExchange = .auto },
      rows: 200_000),
  ]

func tableConfiguration(_ change: (inout RunConfiguration) -> Void) -> RunConfiguration {
  var configuration = RunConfiguration(
    model: .custom("tables"), data: DataConfiguration(path: ""), globalBatch: 160, microBatch: 24, epochs: 4)
  configuration.steps = 10
  configuration.learningRate.base = 0.05
  change(&configuration)
  return configuration
}

private func tableModel(rows: Int) throws -> Model {
  try Model(
    name: "tables", input: Shape(3), layers: [SummedRows(rows: rows, widths: [16, 1, 5]), Dense(8), ReLU(), Dense(2)])
}

private func train(_ run: TableRun, _ ranks: Communicator, threads: ThreadPlan) throws -> (
  trainer: Trainer, record: RunRecord
) {
  let data = DatasetPair(
    training: MadeUpClicks(count: run.samples, rows: run.rows, hasWeights: run.hasWeights, pooling: run.pooling),
    validation: MadeUpClicks(count: 100, rows: run.rows, hasWeights: run.hasWeights, pooling: run.pooling), path: "")
  let session = try TrainingSession(run.configuration, data: data, threads: threads, ranks)
  var model: Model?
  if case .custom = run.configuration.model { model = try tableModel(rows: run.rows) }
  let trainer = try Trainer(run.configuration, model: model, session)
  return (trainer, try trainer.run(command: "rank check"))
}

private func trainBoth(_ run: TableRun, _ world: Communicator) throws -> (
  many: (trainer: Trainer, record: RunRecord), one: (trainer: Trainer, record: RunRecord)
) {
  let threads = try ThreadPlan(requested: nil, world)
  // `run` itself fails where ranks end with different bits.
  return (try train(run, world, threads: threads), try train(run, world.split(color: world.rank)!, threads: threads))
}

/// Ten updates: the weights of one rank up to rounding.
func compareTables(_ run: TableRun, _ world: Communicator) throws {
  let (many, one) = try trainBoth(run, world)
  try expectEqual(many.record.updates, 10, "updates")
  for table in many.trainer.layout.entries {
    let (a, b) = (many.trainer.parameters.slice(table.range), one.trainer.parameters.slice(table.range))
    var (difference, size) = (0.0, 0.0)
    for (x, y) in zip(a.buffer, b.buffer) {
      difference += Double(x - y) * Double(x - y)
      size += Double(y) * Double(y)
    }
    let distance = (difference / size).squareRoot()
    try expect(distance < 1e-5, "\(table.parameter.name) differs by \(distance)")
  }
  try compareTraffic(run, many.record, one.record, world)
}

private func compareTraffic(_ run: TableRun, _ many: RunRecord, _ one: RunRecord, _ world: Communicator) throws {
  guard let traffic = many.ledger.tables, let alone = one.ledger.tables else {
    throw FailedExpectation(description: "no account of the tables")
  }
  try expectEqual(traffic.mergedRows, alone.mergedRows, "rows touched by the global batches")
  try expectEqual(alone.sparseSteps + alone.denseSteps + alone.messages, 0, "exchanges of one rank")
  guard world.size > 1 else { return }
  try expectEqual(traffic.sparseSteps + traffic.denseSteps, 10, "exchanges")
  switch run.configuration.execution.tableExchange {
  case .sparse: try expectEqual(traffic.sparseSteps, 10, "steps with gathered rows")
  case .dense: try expectEqual(traffic.denseSteps, 10, "steps with reduced tables")
  case .auto: break
  }
}

private func compareReproducible(
  _ exchange: ExecutionConfiguration.TableExchange, rows: Int, _ world: Communicator
) throws {
  let run = TableRun(
    name: "",
    configuration: tableConfiguration {
      $0.execution.tableExchange = exchange
      $0.optimizer.clipNorm = 0.05
      $0.tables.cowClip = .init(ratio: 0.02, floor: 1e-3)
    }, rows: rows)
  try compareReproducible(run, world)
}

/// Ten updates with reproducible sums: the very weights of one rank, whether ranks of a host have a copy each or one together.
func compareReproducible(_ run: TableRun, _ world: Communicator) throws {
  var run = run
  run.configuration.execution.summation = .reproducible
  let (many, one) = try trainBoth(run, world)
  try expectEqual(many.record.updates, 10, "updates")
  let exchange = run.configuration.execution.tableExchange
  try expectEqual(many.record.weightsSHA256, one.record.weightsSHA256, "the hash of the weights, \(exchange.rawValue)")
  run.configuration.execution.arenas = .shared
  let shared = try train(run, world, threads: try ThreadPlan(requested: nil, world))
  try expectEqual(shared.trainer.sharesWeights, try isShareable(world, world.splitByNode()), "one copy of the tables")
  try expectEqual(shared.record.weightsSHA256, one.record.weightsSHA256, "the hash of the weights of one copy")
}

/// Ten updates of every rule, in which each rank gets the rows alone that it moves: nobody asks for a norm.
private func oneCopyBringsTheSame(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  for optimizer in TablesConfiguration.Optimizer.allCases {
    for (rows, summation) in [(300, ExecutionConfiguration.Summation.fast), (200_000, .reproducible)] {
      // Sums of three floats and more depend on their order.
      guard summation == .reproducible || world.size <= 2 else { continue }
      let records = try [ExecutionConfiguration.Arenas.private, .shared].map { arenas in
        let configuration = tableConfiguration {
          $0.tables = .init(optimizer: optimizer)
          $0.tables.l2 = 1e-3
          if optimizer == .lazyAdam { $0.tables.cowClip = .init(ratio: 0.02, floor: 1e-3) }
          ($0.execution.summation, $0.execution.arenas) = (summation, arenas)
        }
        return try train(TableRun(name: "", configuration: configuration, rows: rows), world, threads: threads).record
      }
      let name = "\(optimizer.rawValue), \(summation.rawValue)"
      try expectEqual(records[1].weightsSHA256, records[0].weightsSHA256, "\(name): the hash of the weights")
      let merged = records.map { $0.ledger.tables?.mergedRows }
      try expectEqual(merged[1], merged[0], "\(name): rows touched by the global batches")
    }
  }
}

/// Bytes of ids and rows are counted, so many for each of them.
private func gatheredBytes(_ world: Communicator) throws {
  guard world.size > 1 else { return }
  let run = TableRun(name: "", configuration: tableConfiguration { $0.execution.tableExchange = .sparse })
  let traffic = try train(run, world, threads: try ThreadPlan(requested: nil, world)).record.ledger.tables!
  let least = traffic.touchedRows.maximum * Double(4 + 4 * (16 + 1 + 5))
  try expect(traffic.sparseBytes.maximum >= least, "\(traffic.sparseBytes.maximum) bytes for rows of \(least)")
  try expect(traffic.sparseBytes.maximum <= 1.1 * least, "\(traffic.sparseBytes.maximum) bytes for rows of \(least)")
}

/// Two microbatches of a rank, the second with rows of the first, with new ones, and, on every other rank, with all of them.
private func earlyRowsLeave(_ world: Communicator) throws {
  guard world.size > 1 else { return }
  let layout = ParameterLayout(layers: [
    [
      Parameter(name: "bias", shape: Shape(8), start: .constant(0)),
      Parameter(name: "table", shape: Shape(40, 3), start: .constant(0), role: .table),
    ]
  ])
  let tables = TableGradients(layout)!
  for overlap in [ExecutionConfiguration.Overlap.none, .start, .progress, .thread] {
    let exchange = try GradientExchange(
      GradientArena(layout), layout: layout, communicator: world, bucketBytes: 1 << 20, overlap: overlap,
      tables: tables,
      tableStrategy: .sparse)
    exchange.beginStep(microbatches: 2 * world.size)
    tables.clear()
    try microbatch(Array(0..<10), exchange, tables, isFirst: true)
    try microbatch(Array((world.rank % 2 == 0 ? 6 : 0)..<15), exchange, tables, isFirst: false)
    let sums = try exchange.finish().tables!
    // Counts, ids, late values, and early ones from the ranks that have some.
    try expectEqual(exchange.tableTraffic!.messages, overlap == .none ? 3 : 4, "messages, overlap \(overlap.rawValue)")
    try expectEqual(Set(sums.rows.ids), Set(0..<15), "rows, overlap \(overlap.rawValue)")
    for (number, id) in sums.rows.ids.enumerated() {
      let touches = (0..<world.size).map { (id < 10 ? 1 : 0) + (id >= ($0 % 2 == 0 ? 6 : 0) ? 1 : 0) }.reduce(0, +)
      for column in 0..<3 {
        let sum = sums.tables[0].values.pointer[3 * number + column]
        try expectEqual(sum, Float(touches * (3 * Int(id) + column)), "row \(id), overlap \(overlap.rawValue)")
      }
    }
  }
}

/// Each row's gradient says which row and which column it is.
private func microbatch(
  _ ids: [Int32], _ exchange: GradientExchange, _ tables: TableGradients, isFirst: Bool
) throws {
  ids.withUnsafeBufferPointer { tables.rows.touch(all: $0) }
  if !isFirst {
    try exchange.lastMicrobatchBegins()
    try exchange.forwardGoesOn()
  }
  for (id, number) in zip(ids, tables.rows.slots) {
    for column in 0..<3 {
      tables.tables[0].values.pointer[3 * Int(number) + column] += Float(3 * Int(id) + column)
    }
  }
  try exchange.layerDone(0, isFirstMicrobatch: isFirst, isLastMicrobatch: !isFirst)
}

/// Few rows of a large table are gathered wherever this runs; which way is cheaper for tables that are touched all over
/// is the machine's affair, and ranks must follow what they measured.
private func autoDecides(_ world: Communicator) throws {
  guard world.size > 1 else { return }
  try expect(
    try decision(touched: 10, of: 200_000, world).gathers, "reduced a table of 200,000 rows for 10 of each rank")
  for tableRows in [1, 64, 8192] {
    let (gathers, costs) = try decision(touched: tableRows, of: tableRows, world)
    let isCheaper = costs.gathers(rows: tableRows * world.size, tableRows: tableRows)
    try expectEqual(gathers, isCheaper, "gathering all of \(tableRows) rows where the costs are \(costs)")
  }
}

/// The work of one step in which every rank touches the first rows of a table.
private func decision(touched: Int, of tableRows: Int, _ world: Communicator) throws -> (
  gathers: Bool, costs: TableExchangeCosts
) {
  let start = Parameter.Start.constant(0)
  let layout = ParameterLayout(layers: [
    [
      Parameter(name: "bias", shape: Shape(8), start: start),
      Parameter(name: "table", shape: Shape(tableRows, 16), start: start, role: .table),
    ]
  ])
  let tables = TableGradients(layout)!
  for id in 0..<touched { _ = tables.rows.touch(Int32(id), times: 1) }
  let exchange = try GradientExchange(
    GradientArena(layout), layout: layout, communicator: world, bucketBytes: 1 << 20,
    overlap: .none, tables: tables)
  exchange.beginStep(microbatches: world.size)
  try exchange.layerDone(0, isFirstMicrobatch: true, isLastMicrobatch: true)
  _ = try exchange.finish()
  let traffic = exchange.tableTraffic!
  try expectEqual(traffic.sparseSteps + traffic.denseSteps, 1, "exchanges")
  try expectEqual(traffic.mergedRows, touched, "rows of all ranks")
  return (traffic.sparseSteps == 1, exchange.tableCosts!)
}

private func tooLargeIsRefused(_ world: Communicator) throws {
  let configuration = tableConfiguration { _ in }
  let data = DatasetPair(
    training: MadeUpClicks(count: 700, rows: 10), validation: MadeUpClicks(count: 100, rows: 10), path: "")
  let session = try TrainingSession(configuration, data: data, world)
  let model = try tableModel(rows: 1 << 40)
  let error = try expectError(CollectiveError.self) { try Trainer(configuration, model: model, session).updates }
  try expect("\(error)".contains("GB on each node"), "the error says '\(error)'")
}

/// A rate so high that the next loss is not finite.
private func divergenceStops(_ world: Communicator) throws {
  let run = TableRun(
    name: "",
    configuration: tableConfiguration {
      $0.tables = .init(optimizer: .sgd)
      $0.tables.learningRate = LearningRateConfiguration(base: 1e38, baseBatch: 160)
    })
  let record = try train(run, world, threads: try ThreadPlan(requested: nil, world)).record
  guard case .diverged = record.outcome else {
    throw FailedExpectation(description: "the outcome is '\(record.outcome)'")
  }
}

/// Σ over a sample's ids of its rows in all tables, side by side, and the dense values behind them: `[3] → [Σ widths + 3]`.
private struct SummedRows: Layer {
  let rows: Int
  let widths: [Int]

  var kind: String { "summedRows" }

  func outputShape(for input: Shape) throws -> Shape { Shape(widths.reduce(0, +) + input.count) }

  func parameters(named name: String, for input: Shape) -> [Parameter] {
    widths.map {
      Parameter(name: "\(name).table\($0)", shape: Shape(rows, $0), start: .normal(deviation: 0.1), role: .table)
    }
  }

  func bind(_ binding: LayerBinding) -> any BoundLayer { BoundSummedRows(binding) }
}

private final class BoundSummedRows: BoundLayer {
  private let binding: LayerBinding

  init(_ binding: LayerBinding) { self.binding = binding }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    output.fill(0)
    let (width, dense) = (binding.output.count, binding.input.count)
    forEachRow(pass, binding.parameters.map { ($0, $0.shape[1]) }, row: { Int(pass.ids[$0]) }) {
      table, sample, column in
      output.buffer[sample * width + column] += table
    }
    for sample in 0..<pass.rows {
      for index in 0..<dense {
        output.buffer[(sample + 1) * width - dense + index] = input.buffer[sample * dense + index]
      }
    }
  }

  func backward(
    input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass
  ) throws {
    let width = binding.output.count
    let slots = binding.rowGradients[0].rows.slots
    let gradients = binding.rowGradients.map { ($0.values, $0.width) }
    forEachRow(pass, gradients, row: { Int(slots[$0]) }) { gradient, sample, column in
      gradient += outputGradient.buffer[sample * width + column]
    }
  }

  /// Calls `body` with each float of each looked-up row, its sample and its column of the output.
  private func forEachRow(
    _ pass: Pass, _ tables: [(Tensor, Int)], row: (Int) -> Int, _ body: (inout Float, Int, Int) -> Void
  ) {
    let fields = pass.ids.count / pass.rows
    for index in pass.ids.indices {
      var column = 0
      for (table, width) in tables {
        for place in 0..<width { body(&table.buffer[row(index) * width + place], index / fields, column + place) }
        column += width
      }
    }
  }
}
