import MessagePassing

let gatherChecks = [
  RankCheck("all-gather") { world in
    let own: [Int16] = samples(world.rank, 9)
    var result = [Int16](repeating: -1, count: 9 * world.size)
    try world.allGather(own.span, into: result.mutableSpan)
    try expectEqual(result, (0..<world.size).flatMap { samples($0, 9) })
    try expectEqual(try world.allGather(Double(world.rank) / 2), (0..<world.size).map { Double($0) / 2 })
  },
  RankCheck("all-gather of different lengths") { world in
    let expected = (0..<world.size).map { samples($0, 5 * $0, of: Float.self) }
    let own = expected[world.rank]
    try expectEqual(try world.allGather(own), expected)
    try expectEqual(try world.allGather("rank \(world.rank)"), (0..<world.size).map { "rank \($0)" })
    let blocks = try world.blocks(expected.map(\.count))
    var result = [Float](repeating: -1, count: blocks.total)
    try world.allGather(own.span, into: result.mutableSpan, blocks)
    try expectEqual(result, Array(expected.joined()))
  },
  RankCheck("all-to-all") { world in
    let own = allToAllValues(world.rank, world.size)
    var result = own.map { _ in -1 }
    try world.allToAll(own.span, into: result.mutableSpan)
    try expectEqual(result, allToAllExpected(world.rank, world.size))
  },
  RankCheck("all-to-all of different lengths") { world in
    // Rank r sends r + 2s numbers to rank s; nothing from 0 to 0.
    func message(_ source: Int, _ destination: Int) -> [UInt32] {
      (0..<source + 2 * destination).map { UInt32(1000 * source + 100 * destination + $0) }
    }
    let received = try world.allToAll((0..<world.size).map { message(world.rank, $0) })
    try expectEqual(received, (0..<world.size).map { message($0, world.rank) })
  },
  RankCheck("blocks know their ranges") { world in
    let blocks = try world.blocks((0..<world.size).map { $0 + 1 })
    try expectEqual(blocks.total, world.size * (world.size + 1) / 2)
    try expectEqual((0..<world.size).flatMap { blocks.range(of: $0) }, Array(0..<blocks.total))
  },
]

/// Two numbers for each destination.
func allToAllValues(_ rank: Int, _ size: Int) -> [Int] { (0..<size).flatMap { block(rank, $0) } }

func allToAllExpected(_ rank: Int, _ size: Int) -> [Int] { (0..<size).flatMap { block($0, rank) } }

private func block(_ source: Int, _ destination: Int) -> [Int] {
  let first = 100 * source + 10 * destination
  return [first, first + 1]
}
