import Buffers
import Configuration
import Gradients
import MessagePassing

/// The exchange by itself, on gradients whose sums are known: small whole numbers add up exactly in any order.
let exchangeChecks = [
  RankCheck("gradients add up, whatever the buckets, the overlap and the accumulation", sumsAreRight),
  RankCheck("narrow gradients are rounded sums of half the bytes", narrowSumsAreNear),
  RankCheck("what rounding takes from a gradient comes with the next", errorsAreFedBack),
  RankCheck("parts arrive in order and add up, and signals before them", partsAreRight),
  RankCheck("a rank without a microbatch takes part with zeros", idleRanksTakePart),
  RankCheck("signals are counted over ranks, and forgotten with their step", signalsAreCounted),
  RankCheck("bytes and messages are what the plan says", trafficIsPlanned),
]

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
    _ world: Communicator
  ) throws {
    self.world = world
    arena = GradientArena(layout, accumulation)
    exchange = try GradientExchange(
      arena, layout: layout, communicator: world, bucketBytes: bucketBytes, overlap: overlap,
      inParts: inParts, precision: precision, errorFeedback: errorFeedback)
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

private func sumsAreRight(_ world: Communicator) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world)
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

private func partsAreRight(_ world: Communicator) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, inParts: true, world)
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

private func idleRanksTakePart(_ world: Communicator) throws {
  // The last rank has none, but for one that is alone.
  let counts = (0..<world.size).map { $0 == world.size - 1 && world.size > 1 ? 0 : 2 }
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world)
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

private func signalsAreCounted(_ world: Communicator) throws {
  for (accumulation, overlap, bucketBytes) in modes {
    let fixture = try Fixture(accumulation, overlap, bucketBytes: bucketBytes, world)
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
