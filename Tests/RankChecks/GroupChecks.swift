import MessagePassing

let groupChecks = [
  RankCheck("duplicate") { world in
    let copy = try world.duplicate()
    try expectEqual([copy.rank, copy.size], [world.rank, world.size])
    // The same tag to the same rank: only the communicator tells the messages apart.
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size
    var (first, second) = ([0], [0])
    let (one, two) = ([1], [2])
    if world.size > 1, world.rank == 0 {
      try world.send(one.span, to: next)
      try copy.send(two.span, to: next)
    } else if world.rank == 1 {
      try copy.receive(into: second.mutableSpan, from: previous)
      try world.receive(into: first.mutableSpan, from: previous)
      try expectEqual(first + second, [1, 2])
    }
  },
  RankCheck("split by parity, in reverse order") { world in
    let color = world.rank % 2
    guard let half = try world.split(color: color, key: -world.rank) else {
      throw FailedExpectation(description: "no communicator")
    }
    let members = Array((0..<world.size).filter { $0 % 2 == color }.reversed())
    try expectEqual(try half.allGather(world.rank), members)
    try expectEqual(half.rank, members.firstIndex(of: world.rank)!, "rank")
    try expectEqual(try half.allReduce(world.rank, .sum), members.reduce(0, +))
  },
  RankCheck("split leaves out ranks without a color") { world in
    let part = try world.split(color: world.rank == 0 ? nil : 5)
    try expectEqual(part == nil, world.rank == 0, "left out")
    if let part { try expectEqual([part.rank, part.size], [world.rank - 1, world.size - 1]) }
  },
  RankCheck("split by node") { world in
    let node = try world.splitByNode()
    let names = try world.allGather(MessagePassingLibrary.processorName)
    try expectEqual(node.size, names.filter { $0 == names[world.rank] }.count, "ranks on this node")
    let ranks = try node.allGather(world.rank)
    try expectEqual(ranks, ranks.sorted(), "order")
  },
  RankCheck("many communicators are freed") { world in
    // Open MPI 4.1 has 65,536 context numbers: without freeing, this would run out or grow without end.
    for _ in 0..<2000 { _ = try world.duplicate() }
  },
]
