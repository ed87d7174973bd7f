import MessagePassing

let errorChecks = [
  RankCheck("a wrong root is an error in MPI's words") { world in
    let error = try expectError(MPIError.self) { try world.broadcast(1, root: 99) }
    try expectEqual(error.operation, "MPI_Bcast")
    try expectEqual(error.rank, world.rank)
    try expect(error.code != 0, "code 0")
    try expect(error.text.contains("root"), "no word of the root: \(error)")
    try expect("\(error)".hasPrefix("MPI_Bcast failed on rank \(world.rank): "), "described as \(error)")
    let other = try expectError(MPIError.self) { try world.reduce(1, .sum, root: -1) }
    try expectEqual(other.operation, "MPI_Reduce")
  },
  RankCheck("errors on split and duplicated communicators return too") { world in
    let communicators = [try world.duplicate(), try world.split(color: 0)!, try world.splitByNode()]
    for communicator in communicators {
      _ = try expectError(MPIError.self) { try communicator.broadcast(1, root: 99) }
    }
  },
  RankCheck("an operation that a type lacks is an error") { world in
    _ = try expectError(MPIError.self) { try world.allReduce(Float(1), .bitwiseXor) }
  },
  RankCheck("a message longer than its buffer is an error") { world in
    // Open MPI 4.1 cuts a message to oneself short without a word.
    if world.size == 1 { return }
    let (next, previous) = ((world.rank + 1) % world.size, (world.rank + world.size - 1) % world.size)
    let own = [1, 2, 3, 4]
    var small = [0]
    let error = try expectError(MPIError.self) {
      try world.sendReceive(own.span, to: next, into: small.mutableSpan, from: previous)
    }
    try expect(error.text.lowercased().contains("trunc"), "no word of truncation: \(error)")
  },
  RankCheck("counts that cannot be split are refused") { world in
    let world = try world.duplicate(largestCount: 5)
    let own = [Int](repeating: 1, count: 6)
    let flat = [Int](repeating: 1, count: 6 * world.size)
    var all = flat
    var errors = [
      try expectError(MPIError.self) { try world.allGather(own.span, into: all.mutableSpan) },
      try expectError(MPIError.self) { try world.allToAll(flat.span, into: all.mutableSpan) },
      try expectError(MPIError.self) { try world.blocks(Array(repeating: 6, count: world.size)) },
      try expectError(MPIError.self) { try world.send(own.span, to: world.rank) },
    ]
    errors.append(
      try expectError(MPIError.self) { _ = try world.startAllReduce(Lease(own), .sum) })
    errors.append(
      try expectError(MPIError.self) { _ = try world.startBroadcast(Lease(own)) })
    for error in errors {
      try expect(error.text.contains("split them"), "no remedy: \(error)")
      try expectEqual(error.rank, world.rank, "rank")
    }
  },
  RankCheck("counts beyond Int32 are refused, not truncated") { world in
    let error = try expectError(MPIError.self) {
      try world.blocks((0..<world.size).map { $0 == 0 ? Int(Int32.max) + 1 : 0 })
    }
    try expect(error.text.contains("2147483648 elements"), "\(error)")
    _ = try expectError(MPIError.self) { try world.blocks(Array(repeating: .max, count: world.size)) }
  },
  RankCheck("agree returns each rank's value") { world in
    try expectEqual(try world.agree { world.rank * 2 }, world.rank * 2)
  },
  RankCheck("agree on an error of the last rank") { world in
    let last = world.size - 1
    let error = try expectError(CollectiveError.self) {
      try world.agree { if world.rank == last { throw FailedExpectation(description: "größer") } }
    }
    try expectEqual(
      error, CollectiveError(rank: last, message: "größer", failures: 1, ranks: world.size, observer: world.rank))
    try expectEqual("\(error)", last == 0 ? "größer" : "rank \(last): größer")
    try expectEqual(error.isReporter, world.rank == 0)
  },
  RankCheck("agree on an error of every rank: the lowest one's words") { world in
    let error = try expectError(CollectiveError.self) {
      try world.agree { throw FailedExpectation(description: "from \(world.rank)") }
    }
    try expectEqual("\(error)", "from 0")
    try expectEqual(error.failures, world.size)
  },
  RankCheck("agree waits for a slow rank") { world in
    let last = world.size - 1
    let value = try world.agree {
      if world.rank == last, last > 0 { _ = try world.receive(Int.self, from: 0) }
      if world.rank == 0, last > 0 { try world.send(1, to: last) }
      return world.rank
    }
    try expectEqual(value, world.rank)
  },
]
