import Buffers
import Configuration
import Gradients
import MessagePassing

/// The exchange by itself, on gradients whose sums are known: small whole numbers add up exactly in any order.
let exchangeChecks =
  [
    RankCheck("narrow gradients are rounded sums of half the bytes", narrowSumsAreNear),
    RankCheck("what rounding takes from a gradient comes with the next", errorsAreFedBack),
    RankCheck("bytes and messages are what the plan says", trafficIsPlanned),
    RankCheck("memory that ranks of a host share is told from another's", sharedMemoryIsKnown),
  ]
  + Place.allCases.flatMap { place in
    [
      placed("gradients add up, whatever the buckets, the overlap and the accumulation", place, sumsAreRight),
      placed(
        "gradients of several pieces a rank add up to the bits of their sum in rank order", place, longSumsAreRight),
      placed("buckets of another size add up from the next step on", place, buckets),
      placed("parts arrive in order and add up, and signals before them", place, partsAreRight),
      placed("a rank without a microbatch takes part with zeros", place, idleRanksTakePart),
      placed("signals are counted over ranks, and forgotten with their step", place, signalsAreCounted),
    ]
  }

/// Where arenas lie.
private enum Place: String, CaseIterable {
  case own = "in memory of each rank"
  case shared = "in memory that ranks share"
  case hosts = "in memory that ranks of hosts share, two of each"
}

private func placed(
  _ name: String, _ place: Place, _ check: @escaping @Sendable (Communicator, Place) throws -> Void
) -> RankCheck {
  RankCheck("\(name), \(place.rawValue)") { world in
    guard place == .hosts else { return try check(world, place) }
    // On hosts that are several, none are played.
    guard try world.allReduce(world.splitByNode().size, .minimum) == world.size else { return }
    // As many whole hosts as there are ranks for: two or more.
    let count = world.size / 2 * 2
    guard count >= 4, let communicator = try world.split(color: world.rank < count ? 0 : 1), world.rank < count else {
      return
    }
    try check(communicator, place)
  }
}

/// Layers of 16, 0, 160 and 32 floats, forward.
private let layout = ParameterLayout(layers: [
  [Parameter(name: "a", shape: Shape(16), start: .constant(0))],
  [],
  [Parameter(name: "b", shape: Shape(10, 16), start: .constant(0))],
  [Parameter(name: "c", shape: Shape(32), start: .constant(0))],
])

private let modes: [(Accumulation, ExecutionConfiguration.Overlap, bucketBytes: Int)] =
  [Accumulation.inPlace, .alone, .exact].flatMap { accumulation in
    ExecutionConfiguration.Overlap.allCases.flatMap { overlap in
      [1, 129, 1 << 20].map { (accumulation, overlap, bucketBytes: $0) }
    }
  }

/// The exchange of one rank and the arena that it sums.
private struct Fixture {
  let arena: GradientArena
  let exchange: GradientExchange
  let world: Communicator

  init(
    _ accumulation: Accumulation, _ overlap: ExecutionConfiguration.Overlap, bucketBytes: Int,
    inParts: Bool = false, precision: RunConfiguration.ExchangePrecision = .float32, errorFeedback: Bool = false,
    _ world: Communicator, _ place: Place = .own, _ layout: ParameterLayout = layout
  ) throws {
    self.world = world
    arena = GradientArena(layout, accumulation, in: try Self.memory(place, layout, accumulation, world))
    exchange = try GradientExchange(
      arena, layout: layout, communicator: world, bucketBytes: bucketBytes, overlap: overlap,
      inParts: inParts, precision: precision, errorFeedback: errorFeedback)
  }

  private static func memory(
    _ place: Place, _ layout: ParameterLayout, _ accumulation: Accumulation, _ world: Communicator
  ) throws -> SharedMemory? {
    guard place != .own else { return nil }
    let bytes = GradientArena.exchangedBytes(layout, accumulation)
    let node = try place == .shared ? world.splitByNode() : world.split(color: world.rank / 2)!
    let memory = try SharedMemory.make(byteCount: bytes, by: world, node: node)
    try expectEqual(memory == nil, try !isShareable(world, node), "no shared memory")
    return memory
  }

  /// The number that a rank's microbatch adds at a place of the arena.
  static func value(_ index: Int, microbatch: Int, rank: Int) -> Float {
    Float(index % 7 + 1) * Float(microbatch + 1) + Float(rank)
  }

  /// As a network does: layers last first, overwriting where microbatches come alone and in the first.
  func backward(microbatches: Int) throws {
    for microbatch in 0..<microbatches {
      for layer in layout.layerRanges.indices.reversed() {
        for index in layout.layerRanges[layer] {
          let value = Self.value(index, microbatch: microbatch, rank: world.rank)
          let before = microbatch == 0 || arena.accumulation.isAlone ? 0 : arena.gradients.buffer[index]
          arena.gradients.buffer[index] = before + value
        }
        try exchange.layerDone(
          layer, isFirstMicrobatch: microbatch == 0, isLastMicrobatch: microbatch == microbatches - 1)
      }
    }
  }

  /// - Parameters:
  ///   - microbatches: of each rank.
  ///   - error: how far sums may be from what they should be, as a share of it.
  func expectSums(_ microbatches: [Int], error: Float = 0, _ name: String) throws {
    let sums = try exchange.finish()
    for index in 0..<layout.denseCount { try expectSum(sums.arena, index, microbatches, error: error, name) }
  }

  func expectSum(_ sums: Tensor, _ index: Int, _ microbatches: [Int], error: Float = 0, _ name: String) throws {
    let expected = microbatches.indices.reduce(Float(0)) { sum, rank in
      (0..<microbatches[rank]).reduce(sum) { $0 + Self.value(index, microbatch: $1, rank: rank) }
    }
    let sum = sums.buffer[index]
    try expect(abs(sum - expected) <= error * expected, "\(name): the sum at \(index) is \(sum), not \(expected)")
  }
}

@Sendable private func sumsAreRight(_ world: Communicator, _ place: Place) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world, place)
    // A second step finds nothing of the first.
    for microbatches in [3, 1] {
      fixture.exchange.beginStep(microbatches: microbatches * world.size)
      try fixture.backward(microbatches: microbatches)
      try fixture.expectSums(
        Array(repeating: microbatches, count: world.size), "\(accumulation), \(overlap), \(bucketBytes)")
    }
  }
}

private func narrowSumsAreNear(_ world: Communicator) throws {
  for ((accumulation, overlap, bucketBytes), precision) in narrowModes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, precision: precision, world)
    try expectEqual(fixture.exchange.bytesPerStep, world.size == 1 ? 0 : (208 + 16) * 2, "bytes")
    for microbatches in [3, 1] {
      fixture.exchange.beginStep(microbatches: microbatches * world.size)
      fixture.arena.raise(.interrupted)
      try fixture.backward(microbatches: microbatches)
      // Rounded once by each rank, and once where two sums meet; alone nothing travels.
      try fixture.expectSums(
        Array(repeating: microbatches, count: world.size), error: world.size == 1 ? 0 : Float(world.size) / 256,
        "\(precision), \(accumulation), \(overlap), \(bucketBytes)")
      try expectEqual(fixture.arena.count(of: .interrupted), world.size, "signals")
    }
  }
}

private typealias Mode = (Accumulation, ExecutionConfiguration.Overlap, bucketBytes: Int)

private let narrowModes: [(Mode, RunConfiguration.ExchangePrecision)] =
  [.bfloat16, .float16].flatMap { precision in modes.filter { $0.0 != .exact }.map { ($0, precision) } }

private func errorsAreFedBack(_ world: Communicator) throws {
  for precision in [RunConfiguration.ExchangePrecision.bfloat16, .float16] {
    for feedback in [false, true] {
      let fixture = try Fixture(
        .inPlace, .start, bucketBytes: 129, precision: precision, errorFeedback: feedback, world)
      // A little less than half of a step from 1 to the next number, of either format.
      let value: Float = precision == .bfloat16 ? 1.0035 : 1.00044
      let mean = try meanOverSteps(fixture, value) / Float(world.size)
      let error = abs(mean - value) / (value - 1)
      // Alone nothing travels. Sums of as many alike as a power of two need no rounding of their own.
      if feedback || world.size == 1 {
        try expect(error < (world.size.nonzeroBitCount == 1 ? 0.1 : 1), "\(precision) with feedback: \(error)")
      } else {
        try expect(error > 0.5, "\(precision) without feedback: \(error)")
      }
    }
  }
}

/// Of the first gradient's sum, where every rank has the same; between steps something else is looked at and not applied.
private func meanOverSteps(_ fixture: Fixture, _ value: Float) throws -> Float {
  var total: Float = 0
  let steps = 64
  for _ in 0..<steps {
    fixture.exchange.remembersErrors = false
    _ = try sum(fixture, of: 0.3337)
    fixture.exchange.remembersErrors = true
    total += try sum(fixture, of: value)
  }
  return total / Float(steps)
}

private func sum(_ fixture: Fixture, of value: Float) throws -> Float {
  fixture.exchange.beginStep(microbatches: fixture.world.size)
  fixture.arena.gradients.fill(value)
  for layer in layout.layerRanges.indices.reversed() {
    try fixture.exchange.layerDone(layer, isFirstMicrobatch: true, isLastMicrobatch: true)
  }
  return try fixture.exchange.finish().arena.buffer[0]
}

@Sendable private func partsAreRight(_ world: Communicator, _ place: Place) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, inParts: true, world, place)
    let name = "\(accumulation), \(overlap), \(bucketBytes)"
    let counts = Array(repeating: 2, count: world.size)
    // Asked for in parts, as a whole, and in parts again.
    for inParts in [true, false, true] {
      fixture.exchange.beginStep(microbatches: 2 * world.size)
      fixture.arena.raise(.crowded)
      try fixture.backward(microbatches: 2)
      guard inParts else {
        try fixture.expectSums(counts, name)
        continue
      }
      let sums = try fixture.exchange.finish(inParts: true)
      try expectEqual(fixture.arena.count(of: .crowded), world.size, "\(name): signals")
      var parts: [Range<Int>] = []
      let arena = sums.arena
      try sums.forEachPart { part in
        parts.append(part)
        for index in part where index < layout.denseCount { try fixture.expectSum(arena, index, counts, name) }
      }
      let several = accumulation == .inPlace && world.size > 1
      let expected =
        !several || bucketBytes > 1000
        ? [0..<208] : bucketBytes == 1 ? [0..<32, 32..<192, 192..<208] : [0..<192, 192..<208]
      try expectEqual(parts, expected, "\(name): parts")
    }
  }
}

@Sendable private func idleRanksTakePart(_ world: Communicator, _ place: Place) throws {
  // The last rank has none, but for one that is alone.
  let counts = (0..<world.size).map { $0 == world.size - 1 && world.size > 1 ? 0 : 2 }
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world, place)
    for index in 0..<layout.denseCount { fixture.arena.gradients.buffer[index] = .nan }
    fixture.exchange.beginStep(microbatches: counts.reduce(0, +))
    if counts[world.rank] == 0 {
      fixture.exchange.contributeNothing()
    } else {
      try fixture.backward(microbatches: counts[world.rank])
    }
    try fixture.expectSums(counts, "\(accumulation), \(overlap), \(bucketBytes)")
  }
}

@Sendable private func signalsAreCounted(_ world: Communicator, _ place: Place) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world, place)
    for isRaised in [true, false] {
      fixture.exchange.beginStep(microbatches: world.size)
      if isRaised {
        fixture.arena.raise(.interrupted)
        if world.rank == 0 { fixture.arena.raise(.notFinite) }
      }
      try fixture.backward(microbatches: 1)
      _ = try fixture.exchange.finish()
      let counts = GradientArena.Signal.allCases.map { fixture.arena.count(of: $0) }
      // Not finite, inexact, interrupted, crowded, checkpoint.
      try expectEqual(
        counts, isRaised ? [1, 0, world.size, 0, 0] : [0, 0, 0, 0, 0], "\(accumulation), \(overlap): signals")
    }
  }
}

private func trafficIsPlanned(_ world: Communicator) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world)
    // 208 gradients and a cache line of signals.
    let bytes = (208 + 16) * (accumulation == .exact ? 8 : 4)
    let buckets = bucketBytes > 1000 ? 1 : bucketBytes == 1 ? 3 : 2
    try expectEqual(fixture.exchange.bytesPerStep, world.size == 1 ? 0 : bytes, "bytes")
    try expectEqual(fixture.exchange.messagesPerStep, world.size == 1 ? 0 : buckets, "messages of \(bucketBytes)")
  }
}

/// Hosts of several ranks, as many on each.
func isShareable(_ world: Communicator, _ node: Communicator) throws -> Bool {
  let fewest = try world.allReduce(node.size, .minimum)
  return try world.allReduce(node.size, .maximum) == fewest && fewest > 1
}

/// 40,000 floats in pieces of 64 KiB, none of which is a whole number.
@Sendable private func longSumsAreRight(_ world: Communicator, _ place: Place) throws {
  let layout = ParameterLayout(layers: [[Parameter(name: "a", shape: Shape(40_001), start: .constant(0))]])
  func value(_ index: Int, _ rank: Int) -> Float { Float(index % 1009) / 7 + Float(rank) / 3 }
  let isOneHost = try world.splitByNode().size == world.size
  for accumulation in [Accumulation.inPlace, .alone, .exact] {
    let fixture = try Fixture(accumulation, .progress, bucketBytes: 1 << 16, world, place, layout)
    for step in 0..<3 {
      fixture.exchange.beginStep(microbatches: world.size)
      for index in 0..<40_001 { fixture.arena.gradients.buffer[index] = value(index + step, world.rank) }
      try fixture.exchange.layerDone(0, isFirstMicrobatch: true, isLastMicrobatch: true)
      let sums = try fixture.exchange.finish().arena
      for index in stride(from: 0, to: 40_001, by: 13) {
        let expected = (1..<world.size).reduce(value(index + step, 0)) { $0 + value(index + step, $1) }
        let sum = sums.buffer[index]
        // MPI has an order of its own, and exact sums are those of rounded terms.
        let isOrdered = accumulation != .exact && (place == .shared && isOneHost || world.size <= 2)
        try expect(
          isOrdered ? sum == expected : abs(sum - expected) <= 1e-5 * expected,
          "\(accumulation), step \(step): the sum at \(index) is \(sum), not \(expected)")
      }
    }
  }
}

@Sendable private func buckets(_ world: Communicator, _ place: Place) throws {
  let fixture = try Fixture(.inPlace, .progress, bucketBytes: 1, world, place)
  for bucketBytes in [1, 1 << 20, 129, 1] {
    fixture.exchange.cut(bucketBytes: bucketBytes)
    for _ in 0..<3 {
      fixture.exchange.beginStep(microbatches: world.size)
      try fixture.backward(microbatches: 1)
      try fixture.expectSums(Array(repeating: 1, count: world.size), "buckets of \(bucketBytes)")
    }
  }
}

/// What another rank wrote is read, and memory that is not as expected is none.
private func sharedMemoryIsKnown(_ world: Communicator) throws {
  let memory = try SharedMemory.make(byteCount: 8 * world.size, by: world)
  try expectEqual(memory == nil, try !isShareable(world, world.splitByNode()), "no shared memory")
  guard let memory else { return }
  let (rank, size) = (memory.node.rank, memory.node.size)
  let words = memory.parts.map { $0.baseAddress.assumingMemoryBound(to: Int.self) }
  for word in words { word[rank] = 100 + rank }
  try world.barrier()
  try expectEqual((0..<size).map { words[rank][$0] }, (0..<size).map { 100 + $0 }, "what others wrote")
  let other = try SharedMemory.make(byteCount: world.rank == 1 ? 64 : 128, by: world)
  try expect(other == nil, "memory of two sizes")
}
