import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import MessagePassing
import Training

/// Trails: equal where runs are, and exact about where they are not.
let trailChecks =
  trailedRuns.map { run in
    RankCheck("a run leaves the trail of one rank, and the weights that it has without: \(run.name)") { world in
      try compareTrails(run, world)
    }
  } + [
    RankCheck(
      "fifty bits changed at random places of a step are located by the trail: step, microbatch, array, rank",
      locateBits),
    RankCheck("a bit changed on the way between ranks is told by the trail from one of a microbatch", locateExchange),
    RankCheck("a run that goes on from a checkpoint leaves a trail from there on", resumedTrail),
  ]

private let trailedRuns: [ResumedRun] =
  [
    ("Adam, batch norm, dropout", { $0.optimizer.kind = .adam }),
    ("sharpness-aware by the global batch", { $0.optimizer.sharpnessAware = .init() }),
    ("sharpness-aware by microbatches", { $0.optimizer.sharpnessAware = .init(by: .microbatch) }),
  ].map { (name: String, change: (inout RunConfiguration) -> Void) in
    ResumedRun(
      name: name,
      configuration: run(.mlp(widths: [20], batchNorm: true, dropout: 0.2)) {
        $0.data.limit = 400
        $0.learningRate.base = 1e-3
        change(&$0)
      })
  } + [
    ResumedRun(
      name: "a convolutional network",
      configuration: run(.cnn(filters: [4], hidden: 8, batchNorm: true, dropout: 0)) {
        $0.data.limit = 200
        $0.steps = 3
      }),
    ResumedRun(
      name: "tables",
      configuration: tableConfiguration {
        $0.data.path = "made up"
        $0.model = .click(.init(kind: .factorizationMachine, embedding: 4))
        $0.execution.tableExchange = .sparse
      }, rows: 300),
  ] + contrastiveExperiments.prefix(3).map { ResumedRun(name: $0.name, configuration: $0.configuration) }

/// A run with a trail, trained to its end. Collective on its ranks.
private func trail(
  _ configuration: RunConfiguration, _ session: TrainingSession, in folder: String,
  resuming checkpoint: Checkpoint? = nil, prepare: (Trainer) throws -> Void = { _ in }
) throws -> Trainer {
  let trainer = try Trainer(configuration, resuming: checkpoint, session)
  try trainer.writeTrail(in: session.communicator.rank == 0 ? made(folder) : nil)
  try prepare(trainer)
  try trainer.train(until: trainer.experiment.totalUpdates)
  try trainer.gatherTrail()
  try trainer.finishTrail(mark: 7)
  return trainer
}

private func made(_ folder: String) throws -> String {
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  return folder
}

private func comparison(_ a: String, _ b: String) throws -> TrailComparison {
  try TrailComparison(TrailFile("\(a)/\(TrailWriter.name)"), TrailFile("\(b)/\(TrailWriter.name)"))
}

private func compareTrails(_ run: ResumedRun, _ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let lone = try alone(world)
  for summation in ExecutionConfiguration.Summation.allCases {
    var run = run
    run.configuration.execution.summation = summation
    // Sums of floats are those of as many ranks only.
    let others = summation == .reproducible ? lone : world
    try withFolder(world) { folder in
      let (one, other) = ("\(folder)/one-\(others.size == 1 ? world.rank : 0)", "\(folder)/other")
      let ends = [
        try trail(run.configuration, session(run, others, threads), in: one).weightsSHA256,
        try trail(run.configuration, session(run, world, threads), in: other).weightsSHA256,
      ]
      let plain = try Trainer(run.configuration, session(run, world, threads))
      try plain.train(until: plain.experiment.totalUpdates)
      try expectEqual(ends, [plain.weightsSHA256, plain.weightsSHA256], "weights with \(summation) sums")
      guard world.rank == 0 else { return }
      let found = try comparison(one, other)
      try expect(found.difference == nil, "\(summation): \(found.difference.map { $0.words(true) } ?? "")")
      try expectEqual(found.equal, 1...plain.experiment.totalUpdates, "updates that are equal")
    }
  }
}

/// One bit to be changed, and what is to be said of it.
private struct Flip {
  let update, bit, place, rank, microbatch: Int
  let kind: Int
  let array, entry: Int

  init(_ number: Int, ranks: Int) {
    let random = Philox(11, 12)
    let (one, two) = (random.block(UInt64(number), 0), random.block(UInt64(number), 1))
    (kind, update, bit) = (number % 6, 2 + Int(one.x) % 4, Int(one.y) % 32)
    (place, rank, microbatch) = (Int(one.z), Int(one.w) % ranks, Int(two.x) % 7)
    (array, entry) = (Int(two.y), Int(two.z))
  }
}

private func locateBits(_ world: Communicator) throws {
  var configuration = run(.mlp(widths: [20], batchNorm: true, dropout: 0)) {
    $0.data.limit = 400
    $0.optimizer.kind = .adam
    $0.learningRate.base = 1e-3
    $0.steps = 6
  }
  configuration.execution.summation = .reproducible
  let threads = try ThreadPlan(requested: nil, world)
  let session = try TrainingSession(configuration, threads: threads, world)
  let lone = try TrainingSession(configuration, data: session.data, threads: threads, alone(world))
  try withFolder(world) { folder in
    let right = "\(folder)/right-\(world.rank)"
    _ = try trail(configuration, lone, in: right)
    for number in 0..<50 {
      let flip = Flip(number, ranks: world.size)
      let wrong = "\(folder)/wrong"
      var expected: TrailDifference.Place?
      _ = try trail(configuration, session, in: wrong) { trainer in
        expected = prepare(flip, trainer, world)
        guard flip.kind == 0 else { return }
        try trainer.train(until: flip.update - 1)
        if world.rank == flip.rank { change(flip, trainer) }
      }
      guard world.rank == 0 else { continue }
      let found = try comparison(right, wrong)
      let words = found.difference?.words(true) ?? "not found"
      try expectEqual(found.difference?.update, flip.update, "\(flip): \(words)")
      try expectEqual(found.difference?.place, expected, "\(flip): \(words)")
      try expectEqual(found.equal, 1...flip.update - 1, "\(flip): \(words)")
    }
  }
}

/// The state's arrays that a step reads.
private func arrays(_ trainer: Trainer) -> [(name: String, tensor: Tensor)] {
  trainer.state.arrays.filter { $0.name != "startingWeights" }
}

/// One bit of the state.
private func change(_ flip: Flip, _ trainer: Trainer) {
  let (array, entry) = chosen(flip, trainer)
  RankChecks.flip(array.tensor, entry.range.lowerBound + flip.place % entry.range.count, flip.bit)
}

private func chosen(_ flip: Flip, _ trainer: Trainer) -> (
  array: (name: String, tensor: Tensor), entry: ParameterLayout.Entry
) {
  let (arrays, entries) = (arrays(trainer), trainer.layout.listedEntries)
  return (arrays[flip.array % arrays.count], entries[flip.entry % entries.count])
}

/// Has a bit changed when its moment comes.
///
/// - Returns: what is to be found.
private func prepare(_ flip: Flip, _ trainer: Trainer, _ world: Communicator) -> TrailDifference.Place {
  let (array, entry) = chosen(flip, trainer)
  let step = trainer.experiment.step(flip.update - 1)
  // The last step of an epoch has fewer.
  let microbatch = flip.microbatch % step.microbatchCount
  let owner = (0..<world.size).first { step.microbatches(of: $0, ranks: world.size).contains(microbatch) }!
  // A rank that has no microbatch comes by no gradient.
  let rank = flip.kind == 1 ? owner : flip.rank
  let isOnRank = world.rank == rank
  let (name, whole) = (entry.parameter.name, "\(array.name) of \(entry.parameter.name)")
  let holders = world.size > 1 ? [TrailDifference.Holder(run: 1, rank: rank)] : []
  let (arena, layers) = (trainer.crew.arena.gradients, trainer.crew.trail!.shape.layers)
  let layer = flip.entry % layers.count
  var (isDone, outputs) = (false, 0)
  trainer.crew.trail?.watcher = { update, moment in
    guard update == flip.update, !isDone else { return }
    switch (flip.kind, moment) {
    // While the step goes on: what it does with this rank's weights is wrong from here on.
    case (1, .gradient) where isOnRank: change(flip, trainer)
    case (2, .gradient(microbatch, entry.range)):
      RankChecks.flip(arena, entry.range.lowerBound + flip.place % entry.range.count, flip.bit)
    case (3, .output(microbatch, let output)):
      outputs += 1
      guard outputs == layer + 1 else { return }
      RankChecks.flip(output, flip.place % output.count, flip.bit)
    case (4, .update) where isOnRank: change(flip, trainer)
    case (5, .update) where isOnRank:
      RankChecks.flip(arena, entry.range.lowerBound + flip.place % entry.range.count, flip.bit)
    default: return
    }
    isDone = true
  }
  switch flip.kind {
  case 0, 1: return .changed(.init(run: 1, rank: rank), arrays: [whole])
  case 2: return .microbatch(microbatch, ranks: [0, owner], .gradient(name))
  case 3: return .microbatch(microbatch, ranks: [0, owner], .output(layers[layer]))
  case 4: return .state(whole, holders)
  default: return .gradient(name, holders)
  }
}

/// Behind what was looked at, and before it is added to others.
private func locateExchange(_ world: Communicator) throws {
  var configuration = run(.mlp(widths: [20], batchNorm: false, dropout: 0)) {
    $0.data.limit = 400
    $0.steps = 4
  }
  configuration.execution.summation = .reproducible
  let session = try TrainingSession(configuration, threads: ThreadPlan(requested: nil, world), world)
  try withFolder(world) { folder in
    _ = try trail(configuration, session, in: "\(folder)/right")
    var array = ""
    _ = try trail(configuration, session, in: "\(folder)/wrong") { trainer in
      let entry = trainer.layout.entries[0]
      array = entry.parameter.name
      try trainer.train(until: 2)
      guard world.rank == world.size - 1 else { return }
      var isDone = false
      trainer.crew.exchange.observer = { range, _ in
        guard !isDone, range.contains(entry.range.lowerBound) else { return }
        flip(trainer.crew.arena.gradients, entry.range.lowerBound, 22)
        isDone = true
      }
    }
    guard world.rank == 0 else { return }
    let found = try comparison("\(folder)/right", "\(folder)/wrong").difference
    try expectEqual(found?.update, 3, "update")
    try expectEqual(found?.place, .gradient(array, []), "place")
  }
}

private func resumedTrail(_ world: Communicator) throws {
  var configuration = run(.mlp(widths: [20], batchNorm: true, dropout: 0.2)) { $0.data.limit = 400 }
  configuration.checkpoint = CheckpointConfiguration(.steps(7))
  let session = try TrainingSession(configuration, threads: ThreadPlan(requested: nil, world), world)
  try withFolder(world) { folder in
    _ = try trail(configuration, session, in: "\(folder)/whole")
    try stop(Trainer(configuration, session), world, in: folder, after: 8)
    let checkpoint = try Checkpoint.newest(in: folder, world) { print($0) }
    _ = try trail(configuration, session, in: "\(folder)/resumed", resuming: checkpoint)
    guard world.rank == 0 else { return }
    for (a, b) in [("whole", "resumed"), ("resumed", "whole")] {
      let found = try comparison("\(folder)/\(a)", "\(folder)/\(b)")
      try expect(found.difference == nil, found.difference?.words(false) ?? "")
      try expectEqual(found.equal, 8...10, "updates that are equal")
    }
  }
}
