import Buffers
import Glibc
import MessagePassing

let requestChecks = [
  RankCheck("start all-reduce on a tensor and get its lease back") { world in
    let tensor = Tensor(samples(world.rank, 3000), shape: Shape(3000))
    var lease = Lease(tensor.slice(1000..<2000))
    for _ in 0..<3 { lease = try world.startAllReduce(lease, .maximum).wait() }
    try expectEqual(lease.count, 1000, "count")
    let (before, after): ([Float], [Float]) = (samples(world.rank, 3000), reduced(world.size, 3000, max))
    try expectEqual(lease.values, Array(after[1000..<2000]))
    try expectEqual(tensor.values, Array(before[..<1000] + after[1000..<2000] + before[2000...]), "the tensor")
  },
  RankCheck("several all-reduces in flight, ended in reverse order") { world in
    let first = try world.startAllReduce(Lease(samples(world.rank, 5000, of: Float.self)), .sum)
    let second = try world.startAllReduce(Lease(samples(world.rank + 1, 70, of: Float.self)), .sum)
    let third = try world.startAllReduce(Lease([world.rank]), .sum)
    try expectEqual(try third.wait().values, [world.size * (world.size - 1) / 2])
    let shifted = (1...world.size).map { samples($0, 70, of: Float.self) }
    try expectEqual(try second.wait().values, shifted.dropFirst().reduce(shifted[0]) { zip($0, $1).map(+) })
    try expectEqual(try first.wait().values, reduced(world.size, 5000, +))
  },
  RankCheck("test until complete, then wait") { world in
    var flight = try world.startAllReduce(Lease(samples(world.rank, 100_000, of: Double.self)), .sum)
    while try !flight.test() {}
    try expect(try flight.test(), "complete, then not")
    try expectEqual(try flight.wait().values, reduced(world.size, 100_000, +))
  },
  RankCheck("a thread moves messages on while nobody else calls MPI") { world in
    let thread = try ProgressThread(beside: world)
    var lease = Lease(samples(world.rank, 1_000_000, of: Float.self))
    // Pauses and starts again, and ends while it runs.
    for _ in 0..<2 {
      var flight = try world.startAllReduce(lease, .maximum)
      thread.resume()
      sleep(1)
      try expect(try flight.test(), "not complete after a second")
      thread.pause()
      lease = try flight.wait()
    }
    try expectEqual(lease.values, reduced(world.size, 1_000_000, max))
    thread.resume()
  },
  RankCheck("wait politely") { world in
    let flight = try world.startAllReduce(Lease([Int32(world.rank + 1)]), .product)
    try expectEqual(try flight.waitPolitely().values, [(1...Int32(world.size)).reduce(1, *)])
  },
  RankCheck("a dropped request is waited for") { world in
    let tensor = Tensor(samples(world.rank, 50_000), shape: Shape(50_000))
    do { _ = try world.startAllReduce(Lease(tensor), .sum) }
    try expectEqual(tensor.values, reduced(world.size, 50_000, +))
  },
  RankCheck("a lease keeps its memory alive") { world in
    final class Owner {
      let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: 8)
      let onEnd: () -> Void
      init(onEnd: @escaping () -> Void) {
        values.initialize(repeating: 1)
        self.onEnd = onEnd
      }
      deinit {
        values.deallocate()
        onEnd()
      }
    }
    var isFreed = false
    func lease() -> Lease<Float> {
      let owner = Owner { isFreed = true }
      return Lease(owner.values, owner: owner)
    }
    let flight = try world.startAllReduce(lease(), .sum)
    try expect(!isFreed, "freed in flight")
    let returned = try flight.wait()
    try expect(!isFreed, "freed though the lease is back")
    try expectEqual(returned.values, [Float](repeating: Float(world.size), count: 8))
    _ = consume returned
    try expect(isFreed, "never freed")
  },
  RankCheck("leases are read and written in place") { world in
    var lease = Lease([1, 2, 3])
    lease.withMutableSpan { span in
      var span = span
      for index in span.indices { span[index] *= 2 }
    }
    try expectEqual(lease.withSpan { span in span.indices.reduce(0) { $0 + span[$1] } }, 12)
  },
  RankCheck("start broadcast") { world in
    for root in 0..<world.size {
      let flight = try world.startBroadcast(Lease(samples(world.rank, 64, of: UInt8.self)), root: root)
      try expectEqual(try flight.wait().values, samples(root, 64))
    }
  },
  RankCheck("start reduce") { world in
    for root in 0..<world.size {
      let own: [Float] = samples(world.rank, 64)
      let values = try world.startReduce(Lease(own), .sum, root: root).wait().values
      try expectEqual(values, world.rank == root ? reduced(world.size, 64, +) : own)
    }
  },
  RankCheck("start reduce-scatter") { world in
    let own: [Float] = samples(world.rank, 6 * world.size)
    let result = Lease([Float](repeating: -1, count: 6))
    let pair = try world.startReduceScatter(Lease(own), into: result, .sum).wait()
    let expected: [Float] = reduced(world.size, 6 * world.size, +)
    try expectEqual(pair.receive.values, Array(expected[6 * world.rank..<6 * world.rank + 6]))
    try expectEqual(pair.send.values, own, "what was sent")
  },
  RankCheck("start all-gather") { world in
    var values = [Int64](repeating: -1, count: 4 * world.size)
    values.replaceSubrange(4 * world.rank..<4 * world.rank + 4, with: samples(world.rank, 4, of: Int64.self))
    try expectEqual(
      try world.startAllGather(Lease(values)).wait().values, (0..<world.size).flatMap { samples($0, 4) })
  },
  RankCheck("start all-gather of different lengths") { world in
    let expected = (0..<world.size).map { samples($0, 3 * $0 + 1, of: Int32.self) }
    let blocks = try world.blocks(expected.map(\.count))
    var values = [Int32](repeating: -1, count: blocks.total)
    values.replaceSubrange(blocks.range(of: world.rank), with: expected[world.rank])
    try expectEqual(try world.startAllGather(Lease(values), blocks).wait().values, Array(expected.joined()))
  },
  RankCheck("start all-to-all") { world in
    let own = allToAllValues(world.rank, world.size)
    let pair = try world.startAllToAll(Lease(own), into: Lease(own.map { _ in -1 })).wait()
    try expectEqual(pair.receive.values, allToAllExpected(world.rank, world.size))
    // The two come apart again.
    let (send, receive) = (pair.send.count, pair.receive.count)
    try expectEqual(
      try world.startAllToAll(pair.receive, into: pair.send).wait().send.count, send + receive - own.count)
  },
  RankCheck("start all-to-all of different lengths") { world in
    func message(_ source: Int, _ destination: Int) -> [Double] {
      (0..<2 * source + destination).map { Double(1000 * source + 100 * destination + $0) }
    }
    let ranks = 0..<world.size
    let sendBlocks = try world.blocks(ranks.map { 2 * world.rank + $0 })
    let receiveBlocks = try world.blocks(ranks.map { 2 * $0 + world.rank })
    let result = Lease([Double](repeating: -1, count: receiveBlocks.total))
    let own = Lease(ranks.flatMap { message(world.rank, $0) })
    let pair = try world.startAllToAll(own, sendBlocks, into: result, receiveBlocks).wait()
    try expectEqual(pair.receive.values, ranks.flatMap { message($0, world.rank) })
  },
]
