/// The first place at which two runs differ.
package struct TrailDifference: Equatable, Sendable {
  /// From 1.
  package var update: Int
  /// From 1.
  package var epoch: Int
  package var place: Place
  /// Microbatches of that step that differ, and how many it has.
  package var microbatches: (differing: [Int], count: Int)

  package init(update: Int, epoch: Int, place: Place, microbatches: (differing: [Int], count: Int)) {
    (self.update, self.epoch, self.place, self.microbatches) = (update, epoch, place, microbatches)
  }

  /// In the order in which a step comes to them.
  package enum Place: Equatable, Sendable {
    /// Arrays of the state that changed on a rank of one run while nothing wrote to them.
    case changed(Holder, arrays: [String])
    /// The first microbatch that differs, who computed it, and where in it.
    case microbatch(Int, ranks: [Int], Stage)
    /// The mean gradient, of which all microbatches are equal; whose it is, where other ranks of the run have another.
    case gradient(String, [Holder])
    /// After the update by an equal gradient.
    case state(String, [Holder])
  }

  /// A microbatch's way, in its order.
  package enum Stage: Equatable, Sendable {
    case samples
    case output(String)
    case loss
    case gradient(String)
  }

  /// A rank of one of the two runs.
  package struct Holder: Equatable, Sendable {
    /// 0 or 1.
    package var run: Int
    package var rank: Int

    package init(run: Int, rank: Int) { (self.run, self.rank) = (run, rank) }
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.update == b.update && a.epoch == b.epoch && a.place == b.place && a.microbatches == b.microbatches
  }
}

extension TrailDifference {
  /// - Parameter steps: the same one of both runs, each rank's part of it with its sums.
  /// - Returns: nil where they are equal to the bit.
  /// - Throws: `TrailError` where they are of other microbatches.
  package init?(_ steps: [[TrailPart]], _ shape: TrailShape) throws {
    let pairs = try Self.pairs(steps)
    let differing = pairs.compactMap { Self.stage($0, $1, shape) == nil ? nil : $0.microbatch.number }
    guard let place = Self.change(steps, shape) ?? Self.microbatch(pairs, shape) ?? Self.afterwards(steps, shape) else {
      return nil
    }
    self.init(
      update: steps[0][0].update, epoch: steps[0][0].epoch, place: place,
      microbatches: (Set(differing).sorted(), Set(pairs.map(\.0.microbatch.number)).count))
  }

  private typealias Computed = (rank: Int, microbatch: TrailPart.Microbatch)

  /// Every microbatch as both runs have it, in the order of the experiment.
  private static func pairs(_ steps: [[TrailPart]]) throws -> [(Computed, Computed)] {
    let sorted = steps.map { parts in
      parts.enumerated().flatMap { rank, part in part.microbatches.map { (rank, $0) } }
        .sorted { place($0.1).lexicographicallyPrecedes(place($1.1)) }
    }
    guard sorted[0].map({ place($0.1) }) == sorted[1].map({ place($0.1) }) else {
      throw TrailError(
        "update \(steps[0][0].update) has other microbatches in the one than in the other: make both runs again with --trail"
      )
    }
    return Array(zip(sorted[0], sorted[1]))
  }

  private static func place(_ microbatch: TrailPart.Microbatch) -> [Int] {
    [microbatch.round, microbatch.number, microbatch.view]
  }

  private static func change(_ steps: [[TrailPart]], _ shape: TrailShape) -> Place? {
    for (run, parts) in steps.enumerated() {
      for (rank, part) in parts.enumerated() where !part.changes.isEmpty {
        return .changed(Holder(run: run, rank: rank), arrays: part.changes.map { shape.state[$0] })
      }
    }
    return nil
  }

  private static func microbatch(_ pairs: [(Computed, Computed)], _ shape: TrailShape) -> Place? {
    for (a, b) in pairs {
      guard let stage = stage(a, b, shape) else { continue }
      return .microbatch(a.microbatch.number, ranks: [a.rank, b.rank], stage)
    }
    return nil
  }

  private static func stage(_ a: Computed, _ b: Computed, _ shape: TrailShape) -> Stage? {
    let (a, b) = (a.microbatch, b.microbatch)
    if a.samples != b.samples { return .samples }
    if let layer = shape.layers.indices.first(where: { a.outputs[$0] != b.outputs[$0] }) {
      return .output(shape.layers[layer])
    }
    if a.loss != b.loss { return .loss }
    let array = shape.gradients.indices.first { a.gradients[$0] != b.gradients[$0] }
    return array.map { .gradient(shape.gradients[$0]) }
  }

  /// What all ranks of a run have alike.
  private static func afterwards(_ steps: [[TrailPart]], _ shape: TrailShape) -> Place? {
    for index in shape.gradients.indices {
      if let holders = holders(steps, { $0.gradient[index] }) { return .gradient(shape.gradients[index], holders) }
    }
    for index in shape.state.indices {
      if let holders = holders(steps, { $0.state[index] }) { return .state(shape.state[index], holders) }
    }
    return nil
  }

  /// - Returns: nil where all ranks of both have the same; none where each run is at one with itself; else those that have another
  ///   than the run that is, or than most.
  private static func holders(_ steps: [[TrailPart]], _ sum: (TrailPart.Sums) -> UInt64) -> [Holder]? {
    let sums = steps.map { $0.compactMap(\.sums).map(sum) }
    let apart = sums.filter { Set($0).count > 1 }
    if apart.isEmpty { return sums[0][0] == sums[1][0] ? nil : [] }
    let agreeing = sums.first { Set($0).count == 1 }
    let counts = Dictionary(grouping: sums.joined()) { $0 }.mapValues(\.count)
    let right = agreeing?[0] ?? sums[0].max { (counts[$0] ?? 0, $1) < (counts[$1] ?? 0, $0) }
    return sums.enumerated().flatMap { run, sums in
      sums.indices.filter { sums[$0] != right }.map { Holder(run: run, rank: $0) }
    }
  }
}
