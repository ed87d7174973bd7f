import Buffers
import Configuration
import Gradients
import MessagePassing

/// Rows of tables that ranks of a host add up in memory that they share, by themselves: small whole numbers add up exactly.
let nodeRowsChecks = [true, false].flatMap { isOneHost in
  let place = isOneHost ? "" : ", two ranks on each host"
  return [false, true].map { movesAllRows in
    RankCheck(
      "each rank gets the rows that it is to move, \(movesAllRows ? "a range of all" : "of those touched")\(place)"
    ) { world in
      guard isOneHost || world.size >= 4 else { return }
      let count = isOneHost ? world.size : world.size / 2 * 2
      guard let ranks = try world.split(color: world.rank < count ? 0 : 1), world.rank < count else { return }
      let node = try isOneHost ? ranks.splitByNode() : ranks.split(color: ranks.rank / 2)!
      // On hosts that are several, none are played.
      guard try isOneHost || ranks.allReduce(ranks.splitByNode().size, .minimum) == ranks.size else { return }
      for accumulation in [Accumulation.inPlace, .alone, .exact] {
        try ownRowsComeTogether(accumulation, .sparse, movesAllRows: movesAllRows, ranks, node)
      }
      // The strategy is that between hosts.
      for strategy in [ExecutionConfiguration.TableExchange.dense, .auto] where !isOneHost {
        try ownRowsComeTogether(.inPlace, strategy, movesAllRows: movesAllRows, ranks, node)
      }
    }
  }
}

/// Rows so wide that a rank's go in several stretches.
private let tableRows = 600
private let width = 3000
private let layout = ParameterLayout(layers: [
  [
    Parameter(name: "bias", shape: Shape(8), start: .constant(0)),
    Parameter(name: "table", shape: Shape(tableRows, width), start: .constant(0), role: .table),
    Parameter(name: "narrow", shape: Shape(tableRows, 1), start: .constant(0), role: .table),
  ]
])

/// Rows of a rank's microbatch: all of every other rank's, few of the others', none in one step.
private func ids(_ rank: Int, step: Int) -> [Int32] {
  if step == 1, rank == 1 { return [] }
  let count = rank % 2 == 0 ? 500 : 40
  return (0..<count).map { Int32(($0 * 7 + rank * 11 + step) % tableRows) }
}

/// Of one row: how often it occurs on all ranks, and so many times its number.
private func touches(_ world: Communicator, step: Int) -> [Int: Int] {
  (0..<world.size).reduce(into: [:]) { touches, rank in
    for id in ids(rank, step: step) { touches[Int(id), default: 0] += 1 }
  }
}

private func ownRowsComeTogether(
  _ accumulation: Accumulation, _ strategy: ExecutionConfiguration.TableExchange, movesAllRows: Bool,
  _ world: Communicator, _ node: Communicator
) throws {
  let memory = try SharedMemory.make(byteCount: 64, by: world, node: node)
  try expectEqual(memory == nil, try !isShareable(world, node), "no shared memory")
  guard let memory else { return }
  let (share, tables) = (NodeShare(memory), TableGradients(layout)!)
  let exchange = try GradientExchange(
    GradientArena(layout, accumulation), layout: layout, communicator: world, bucketBytes: 1 << 20,
    overlap: movesAllRows ? .none : .progress, inParts: true, share: share, tables: tables, tableStrategy: strategy,
    movesAllRows: movesAllRows, countsOccurrences: true)
  for step in 0..<4 {
    // One step in which each rank gets all rows.
    let bringsOwn = step != 2
    exchange.beginStep(microbatches: world.size, inParts: bringsOwn)
    try goBackward(ids(world.rank, step: step), exchange, tables)
    let sums = try exchange.finish(inParts: bringsOwn)
    let name = "\(accumulation), \(strategy.rawValue), step \(step)"
    try expectSums(sums.tables!, touches(world, step: step), name)
    let rows = Set(sums.tables!.rows.ids.map(Int.init))
    if movesAllRows, bringsOwn {
      let range = share.part(of: 0..<tableRows)
      try expect(rows.isSubset(of: range), "\(name): \(rows.subtracting(range)) of \(range)")
    }
    let holders = bringsOwn ? world.size / node.size : world.size
    let all = try world.allReduce(rows.count, .sum)
    try expectEqual(all, holders * touches(world, step: step).count, "\(name): rows of all ranks")
    try expectEqual(sums.ownTouchedRows(of: rows.count).count == rows.count, bringsOwn, "\(name): moves all of them")
    let counted = try world.allReduce(exchange.tableTraffic!.mergedRows, .sum)
    try expectEqual(counted, world.size * touches(world, step: step).count, "\(name): rows that are counted")
  }
}

/// Each row's gradient says which row and which column it is.
private func goBackward(_ ids: [Int32], _ exchange: GradientExchange, _ tables: TableGradients) throws {
  guard !ids.isEmpty else { return exchange.contributeNothing() }
  tables.clear()
  ids.withUnsafeBufferPointer { tables.rows.touch(all: $0) }
  try exchange.lastMicrobatchBegins()
  try exchange.forwardGoesOn()
  for (id, number) in zip(ids, tables.rows.slots) {
    for column in 0..<width { tables.tables[0].values.pointer[width * Int(number) + column] += Float(Int(id) + column) }
    tables.tables[1].values.pointer[Int(number)] += 1
  }
  try exchange.layerDone(0, isFirstMicrobatch: true, isLastMicrobatch: true)
}

private func expectSums(_ sums: TableGradients, _ touches: [Int: Int], _ name: String) throws {
  let (wide, narrow) = (sums.tables[0].values.pointer, sums.tables[1].values.pointer)
  for (number, id) in sums.rows.ids.enumerated() {
    let times = touches[Int(id)] ?? 0
    try expectEqual(narrow[number], Float(times), "\(name): row \(id) of the narrow table")
    try expectEqual(Int(sums.rows.occurrences[number]), times, "\(name): touches of row \(id)")
    for column in stride(from: 0, to: width, by: 101) {
      let sum = wide[width * number + column]
      try expectEqual(sum, Float(times * (Int(id) + column)), "\(name): row \(id), column \(column)")
    }
  }
}
