import Foundation
import Testing
import Training

/// Trails as files, and what is found in them.
@Suite struct TrailTests {
  private static let shape = TrailShape(
    layers: ["dense1", "dense2"], gradients: ["dense2.weights", "dense1.weights"],
    state: ["velocity of dense1.weights", "weights of dense1.weights"])

  /// A rank's part of a step, with sums that name their places.
  private static func part(_ update: Int, _ numbers: Range<Int>, isFirst: Bool = true) -> TrailPart {
    var part = TrailPart(update: update, epoch: 1)
    part.microbatches = numbers.map { number in
      var microbatch = TrailPart.Microbatch(number: number, view: 0, round: 0)
      microbatch.samples = UInt64(update * 1000 + number)
      microbatch.loss = Double(update).bitPattern
      (microbatch.outputs, microbatch.gradients) = ([1, 2], [3, .max])
      return microbatch
    }
    part.sums = .init(gradient: [5, UInt64(update)], state: [7, 8])
    return part
  }

  /// A run of three updates of four microbatches on some ranks.
  private static func steps(ranks: Int) -> [[TrailPart]] {
    (1...3).map { update in
      (0..<ranks).map { part(update, 4 * $0 / ranks..<4 * ($0 + 1) / ranks) }
    }
  }

  private static func write(_ steps: [[TrailPart]], alone: Bool = true, to folder: TemporaryFolder) throws -> String {
    let writer = try TrailWriter(in: folder.url.path, TrailHeader(ranks: steps[0].count, alone: alone, shape))
    for parts in steps { writer.write(parts) }
    try writer.finish(mark: 77)
    return folder.file("run.trail").path
  }

  private static func read(_ path: String) throws -> [[TrailPart]] {
    let file = try TrailFile(path)
    var steps: [[TrailPart]] = []
    while let parts = try file.nextStep() { steps.append(parts) }
    return steps
  }

  private static func compare(
    _ a: [[TrailPart]], _ b: [[TrailPart]], alone: Bool = true
  ) throws -> TrailComparison {
    let folders = [try TemporaryFolder(), try TemporaryFolder()]
    return try withExtendedLifetime(folders) {
      try TrailComparison(
        TrailFile(write(a, alone: alone, to: folders[0])), TrailFile(write(b, alone: alone, to: folders[1])))
    }
  }

  @Test(arguments: [1, 3]) func whatIsWrittenIsRead(ranks: Int) throws {
    var steps = Self.steps(ranks: ranks)
    steps[1][ranks - 1].changes = [1, 0]
    steps[2][ranks - 1].sums?.state[1] = 1 << 63
    let folder = try TemporaryFolder()
    let path = try Self.write(steps, to: folder)
    #expect(try Self.read(path) == steps)
    #expect(try TrailFile(path).mark == 77)
    #expect(try TrailFile(path).header.shape == Self.shape)
  }

  @Test func everyCutAndEveryChangedByteIsFound() throws {
    let folder = try TemporaryFolder()
    let path = try Self.write(Array(Self.steps(ranks: 2)[..<2]), to: folder)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    func isFound(_ changed: Data) throws -> Bool {
      try changed.write(to: URL(fileURLWithPath: path))
      do { _ = try Self.read(path) } catch { return "\(error)".contains(path) }
      return false
    }
    for count in bytes.indices { #expect(try isFound(bytes.prefix(count)), "cut to \(count)") }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(try isFound(changed), "byte \(index)")
    }
    #expect(try isFound(bytes + [0]))
  }

  @Test func whatIsNoTrailIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("run.trail")
    for contents in ["", "a", String(repeating: "text", count: 100)] {
      try Data(contents.utf8).write(to: file)
      #expect(throws: (any Error).self) { try TrailFile(file.path) }
    }
    #expect(throws: (any Error).self) { try TrailFile(folder.url.path) }
    #expect(throws: (any Error).self) { try TrailFile(folder.file("absent").path) }
  }

  @Test func equalRunsAreEqualOnAnyRanks() throws {
    let found = try Self.compare(Self.steps(ranks: 1), Self.steps(ranks: 3))
    #expect(found.difference == nil && found.equal == 1...3)
  }

  @Test func sumsOfFloatsOnOtherRanksAreNotCompared() throws {
    let error = #expect(throws: (any Error).self) {
      try Self.compare(Self.steps(ranks: 1), Self.steps(ranks: 2), alone: false)
    }
    #expect(error.map { "\($0)" }?.contains("execution.summation=reproducible") == true)
    #expect(try Self.compare(Self.steps(ranks: 2), Self.steps(ranks: 2), alone: false).difference == nil)
  }

  @Test func aRunThatBeganLaterIsComparedFromThereOn() throws {
    let steps = Self.steps(ranks: 1)
    #expect(try Self.compare(steps, Array(steps[1...])).equal == 2...3)
    #expect(try Self.compare(Array(steps[2...]), steps).equal == 3...3)
    #expect(try Self.compare(Array(steps[..<1]), Array(steps[1...])).equal == nil)
  }

  /// What is changed in the second run's second step, on two ranks, and what is found.
  private static let changes: [(change: @Sendable (inout [TrailPart]) -> Void, place: TrailDifference.Place)] = [
    ({ $0[1].microbatches[0].samples = 0 }, .microbatch(2, ranks: [0, 1], .samples)),
    ({ $0[0].microbatches[1].outputs[1] = 0 }, .microbatch(1, ranks: [0, 0], .output("dense2"))),
    ({ $0[0].microbatches[1].loss = 0 }, .microbatch(1, ranks: [0, 0], .loss)),
    ({ $0[1].microbatches[1].gradients[1] = 0 }, .microbatch(3, ranks: [0, 1], .gradient("dense1.weights"))),
    ({ $0[1].sums?.gradient[0] = 0 }, .gradient("dense2.weights", [.init(run: 1, rank: 1)])),
    (
      {
        $0[0].sums?.gradient[0] = 0
        $0[1].sums?.gradient[0] = 0
      }, .gradient("dense2.weights", [])
    ),
    ({ $0[0].sums?.state[0] = 0 }, .state("velocity of dense1.weights", [.init(run: 1, rank: 0)])),
    // The cause goes before what it has done.
    (
      {
        $0[1].changes = [1]
        $0[0].microbatches[0].loss = 0
      }, .changed(.init(run: 1, rank: 1), arrays: ["weights of dense1.weights"])
    ),
    // Of several the first of a step's way, microbatch by microbatch.
    (
      {
        $0[0].microbatches[1].loss = 0
        $0[0].microbatches[0].gradients[0] = 0
      }, .microbatch(0, ranks: [0, 0], .gradient("dense2.weights"))
    ),
  ]

  @Test(arguments: changes.indices) func theFirstDifferenceIsFound(index: Int) throws {
    let (change, place) = Self.changes[index]
    var steps = Self.steps(ranks: 2)
    change(&steps[1])
    // All that comes after follows from it.
    steps[2][0].microbatches[0].samples = 0
    let found = try Self.compare(Self.steps(ranks: 1), steps)
    #expect(found.difference?.place == place)
    #expect(found.difference?.update == 2 && found.equal == 1...1)
  }

  @Test func otherMicrobatchesAreAnError() throws {
    var steps = Self.steps(ranks: 1)
    steps[0][0].microbatches.removeLast()
    #expect(throws: (any Error).self) { try Self.compare(steps, Self.steps(ranks: 1)) }
  }

  @Test func whereMicrobatchesAreAddedInPlaceTheWordsSaySo() {
    let difference = TrailDifference(
      update: 7, epoch: 2, place: .microbatch(2, ranks: [0, 1], .gradient("dense1.weights")), microbatches: ([2], 8))
    #expect(
      difference.words(true)
        == "first difference: update 7 (epoch 2): microbatch 3 of 8, by rank 0 of A and rank 1 of B: the gradient of dense1.weights, in "
        + "the backward pass; its loss and the gradients of all layers behind are the same")
    #expect(difference.words(false).contains("the sum of its rank's gradients of dense1.weights up to it"))
  }
}
