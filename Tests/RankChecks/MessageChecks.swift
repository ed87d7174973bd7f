import MessagePassing

let messageChecks = [
  RankCheck("send and receive around the ring") { world in
    let (next, previous) = ((world.rank + 1) % world.size, (world.rank + world.size - 1) % world.size)
    let own: [Float] = samples(world.rank, 20 + world.rank)
    var received = [Float](repeating: -1, count: 40)
    let envelope = try world.sendReceive(
      own.span, to: next, into: received.mutableSpan, from: previous, tag: 3)
    try expectEqual(envelope.source, previous, "source")
    try expectEqual(envelope.tag, 3, "tag")
    try expectEqual(envelope.count, 20 + previous, "count")
    try expectEqual(Array(received[..<envelope.count]), samples(previous, 20 + previous))
    try expectEqual(Array(received[envelope.count...]), Array(repeating: -1, count: 20 - previous), "the rest")
  },
  RankCheck("messages from any rank") { world in
    if world.rank > 0 { try world.send(world.rank * world.rank, to: 0, tag: 9) }
    if world.rank == 0 {
      var seen = [Int](repeating: 0, count: world.size)
      for _ in 1..<world.size {
        var value = [0]
        let envelope = try world.receive(into: value.mutableSpan, from: nil, tag: 9)
        seen[envelope.source] = value[0]
      }
      try expectEqual(seen, (0..<world.size).map { $0 * $0 })
    }
  },
  RankCheck("exchange with a partner") { world in
    let partner = world.rank ^ 1
    if partner < world.size {
      try expectEqual(try world.exchange(Double(world.rank), with: partner), Double(partner))
    }
  },
]
