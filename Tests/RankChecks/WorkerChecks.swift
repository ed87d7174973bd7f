import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import MessagePassing
import Training

/// Workers, and two gradients a step: properties of the experiment, so that any number of ranks gives the same result.
let workerChecks =
  rules.map { name, configuration in
    RankCheck("ranks equal one rank: \(name)") { world in try compareWithOne(configuration, world) }
  }
  + rules.map { name, configuration in
    RankCheck("the same bits as one rank: \(name)") { world in
      var configuration = configuration
      configuration.execution.summation = .reproducible
      try compareWithOne(configuration, world)
    }
  } + [
    RankCheck("a sharpness-aware step is the gradient uphill, by hand", ascentByHand),
    RankCheck("each microbatch's own ascent, by hand", lonelyAscentsByHand),
    RankCheck("ascents cost what they should: bytes twice by the global batch, once by microbatches", ascentBytes),
    RankCheck("a step of Adasum is the workers' gradients combined, by hand", adasumByHand),
    RankCheck("local steps are those of each worker alone, by hand", localStepsByHand),
    RankCheck("workers that come together after every step are one", togetherAfterEveryStep),
    RankCheck("workers by themselves exchange once in so many steps", localMessages),
    RankCheck("workers that are apart come together before others go on", movesWhileApart),
    RankCheck("half-lives of samples count a whole step's, by workers too", halfLivesOfWholeSteps),
    RankCheck("workers and ascents are refused where there are tables", tablesAreRefused),
  ]

private let rules: [(name: String, configuration: RunConfiguration)] = [
  (
    "LAMB, weight decay",
    run(.mlp(widths: [20], batchNorm: false, dropout: 0.2)) {
      $0.optimizer.kind = .lamb
      $0.optimizer.weightDecay = 0.01
      $0.learningRate.base = 0.01
    }
  ),
  ("sharpness-aware", run(.mlp(widths: [20], batchNorm: true, dropout: 0.2)) { $0.optimizer.sharpnessAware = .init() }),
  (
    "sharpness-aware by microbatch, adaptive",
    run(.mlp(widths: [20], batchNorm: true, dropout: 0.2)) {
      $0.optimizer.sharpnessAware = .init(radius: 0.5, by: .microbatch, adaptive: true)
    }
  ),
  ("Adasum of 2 workers", run(.mlp(widths: [20], batchNorm: true, dropout: 0)) { $0.workers = adasum(2) }),
  (
    "Adasum of 6 workers, a short last batch, sharpness-aware",
    run(.mlp(widths: [20], batchNorm: true, dropout: 0)) {
      // The third step has 80 samples: four microbatches for six workers.
      $0.data.limit = 400
      $0.workers = adasum(6)
      $0.optimizer.sharpnessAware = .init()
    }
  ),
  ("4 workers by themselves", local(4, steps: 3, from: 0.5)),
  (
    "6 workers by themselves, a short last batch, sharpness-aware, Adam",
    {
      var configuration = local(6, steps: 2, from: 1)
      configuration.data.limit = 340
      configuration.optimizer.sharpnessAware = .init(by: .microbatch)
      configuration.optimizer.kind = .adam
      configuration.learningRate.base = 1e-3
      return configuration
    }()
  ),
]

private func adasum(_ count: Int) -> WorkersConfiguration { .init(count: count, combine: .adasum) }

private func local(_ count: Int, steps: Int, from: Double) -> RunConfiguration {
  run(.mlp(widths: [20], batchNorm: false, dropout: 0.2)) {
    $0.data.limit = 640
    $0.workers = .init(count: count, combine: .average, localSteps: steps, from: from)
  }
}

/// Without batch norm and dropout; plain descent, so that a step tells its gradient.
private func plain(_ change: (inout RunConfiguration) -> Void) -> RunConfiguration {
  run(.mlp(widths: [20], batchNorm: false, dropout: 0)) {
    $0.data.limit = 640
    $0.optimizer.momentum = 0
    change(&$0)
  }
}

private func trainer(
  _ configuration: RunConfiguration, _ ranks: Communicator, _ threads: ThreadPlan? = nil
) throws -> Trainer {
  try Trainer(configuration, TrainingSession(configuration, threads: threads, ranks))
}

private func compareWithOne(_ configuration: RunConfiguration, _ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let trainers = (try trainer(configuration, world, threads), try trainer(configuration, alone(world), threads))
  let (many, one) = (try trainers.0.run(command: ""), try trainers.1.run(command: ""))
  try expectEqual(many.updates, one.updates, "updates")
  if configuration.execution.summation == .reproducible {
    try expectEqual(many.weightsSHA256, one.weightsSHA256, "the hash of the weights")
  }
  let distance = relativeDistance(trainers.0.parameters, trainers.1.parameters)
  try expect(distance < 1e-5, "the weights differ by \(distance)")
  for (a, b) in zip(many.epochs, one.epochs) {
    try expect(abs(a.training.loss - b.training.loss) < 1e-5 * b.training.loss, "training loss of epoch \(a.epoch)")
    try expectEqual(a.ledger.samples, b.ledger.samples, "samples of epoch \(a.epoch)")
    try expectEqual(a.ledger.steps, b.ledger.steps, "steps of epoch \(a.epoch)")
    try expectEqual(a.trustRatios == nil, configuration.optimizer.kind != .lamb, "whether there are no trust ratios")
    try expectEqual(a.ascentSeconds == nil, configuration.optimizer.sharpnessAware == nil, "whether nothing ascends")
    try expect((a.ascentSeconds ?? 0) < a.seconds, "first gradients took \(a.ascentSeconds ?? 0) of \(a.seconds) s")
  }
}

/// One rank's gradient of a step at some weights.
private func gradient(_ trainer: Trainer, _ step: StepPlan, at weights: [Double]) throws -> [Double] {
  let arena = Tensor(weights.map(Float.init), shape: trainer.parameters.shape)
  let gradient = try trainer.crew.probe(step, at: arena)
  return gradient.mean.arena.buffer.map(Double.init)
}

private func size(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// ‖steps of the run − expected steps‖ ÷ ‖expected steps‖.
private func expectSteps(
  _ trainer: Trainer, from before: [Double], _ expected: [Double], within bound: Double = 1e-4
) throws {
  let steps = zip(trainer.parameters.buffer, before).map { Double($0) - $1 }
  let difference = size(zip(steps, expected).map { $0 - $1 }) / size(expected)
  try expect(difference < bound, "steps differ from those by hand by \(difference)")
}

private func ascentByHand(_ world: Communicator) throws {
  let configuration = plain { $0.optimizer.sharpnessAware = .init(radius: 0.5) }
  let threads = try ThreadPlan(requested: nil, world)
  let (many, one) = (try trainer(configuration, world, threads), try trainer(configuration, alone(world), threads))
  let (step, before) = (one.experiment.step(0), one.parameters.buffer.map(Double.init))
  let first = try gradient(one, step, at: before)
  let scale = 0.5 / size(first)
  let uphill = zip(before, first).map { $0 + scale * $1 }
  let second = try gradient(one, step, at: uphill)
  try expect(size(zip(first, second).map { $0 - $1 }) > 0.01 * size(first), "uphill the gradient is the same")
  try many.train(until: 1)
  try expectSteps(many, from: before, second.map { -configuration.learningRate.base * $0 })
}

private func lonelyAscentsByHand(_ world: Communicator) throws {
  let configuration = plain { $0.optimizer.sharpnessAware = .init(radius: 0.5, by: .microbatch) }
  let threads = try ThreadPlan(requested: nil, world)
  let (many, one) = (try trainer(configuration, world, threads), try trainer(configuration, alone(world), threads))
  let (step, before) = (one.experiment.step(0), one.parameters.buffer.map(Double.init))
  var expected = before.map { _ in 0.0 }
  for number in 0..<step.microbatchCount {
    let part = step.part(of: number, workers: step.microbatchCount)!
    let first = try gradient(one, part, at: before)
    let scale = 0.5 / size(first)
    let second = try gradient(one, part, at: zip(before, first).map { $0 + scale * $1 })
    let share = Double(part.globalBatch) / Double(step.globalBatch)
    for (index, value) in second.enumerated() { expected[index] -= configuration.learningRate.base * share * value }
  }
  try many.train(until: 1)
  try expectSteps(many, from: before, expected)
}

private func ascentBytes(_ world: Communicator) throws {
  func ledger(_ by: OptimizerConfiguration.SharpnessAware.By?) throws -> (bytes: Int, messages: Int) {
    let configuration = plain { $0.optimizer.sharpnessAware = by.map { .init(by: $0) } }
    let ledger = try trainer(configuration, world).run(command: "").ledger
    return (ledger.exchangedBytes, ledger.exchangedMessages)
  }
  let (none, global, lonely) = (try ledger(nil), try ledger(.global), try ledger(.microbatch))
  try expect(global == (2 * none.bytes, 2 * none.messages), "\(global) by the global batch, \(none) without")
  try expect(lonely == none, "\(lonely) by microbatches, \(none) without")
}

/// The rule in doubles, array by array; four workers are two pairs.
private func adasumByHand(_ world: Communicator) throws {
  let configuration = plain { $0.workers = adasum(4) }
  let threads = try ThreadPlan(requested: nil, world)
  let (many, one) = (try trainer(configuration, world, threads), try trainer(configuration, alone(world), threads))
  let (step, before) = (one.experiment.step(0), one.parameters.buffer.map(Double.init))
  let gradients = try (0..<4).map { try gradient(one, step.part(of: $0, workers: 4)!, at: before) }
  var expected = before.map { _ in 0.0 }
  for entry in one.layout.entries {
    let own = gradients.map { Array($0[entry.range]) }
    let sum = combined(combined(own[0], own[1]), combined(own[2], own[3]))
    for (index, value) in zip(entry.range, sum) { expected[index] = -configuration.learningRate.base * value }
  }
  try many.train(until: 1)
  try expectSteps(many, from: before, expected)
}

private func combined(_ a: [Double], _ b: [Double]) -> [Double] {
  let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  let (ofA, ofB) = (1 - dot / (2 * size(a) * size(a)), 1 - dot / (2 * size(b) * size(b)))
  return zip(a, b).map { ofA * $0 + ofB * $1 }
}

/// Momentum and all, in doubles: one step together, then two of three workers each, their mean, and two more.
private func localStepsByHand(_ world: Communicator) throws {
  var configuration = local(3, steps: 2, from: 0.25)
  configuration.model = .mlp(widths: [20], batchNorm: false, dropout: 0)
  let threads = try ThreadPlan(requested: nil, world)
  let (many, one) = (try trainer(configuration, world, threads), try trainer(configuration, alone(world), threads))
  let (rate, momentum) = (configuration.learningRate.base, configuration.optimizer.momentum)
  let before = one.parameters.buffer.map(Double.init)
  var workers = Array(repeating: (weights: before, speed: before.map { _ in 0.0 }), count: 3)
  for number in 0..<5 {
    let step = one.experiment.step(number)
    for index in workers.indices {
      let part = number == 0 ? step : step.part(of: index, workers: 3)!
      let gradient = try gradient(one, part, at: workers[index].weights)
      for place in gradient.indices {
        workers[index].speed[place] = momentum * workers[index].speed[place] + gradient[place]
        workers[index].weights[place] -= rate * workers[index].speed[place]
      }
    }
    // Steps are counted from the second on; the epoch's fourth is its last.
    guard number == 2 || number == 3 || number == 4 else { continue }
    let mean = (
      mean(workers.map(\.weights)), mean(workers.map(\.speed))
    )
    workers = Array(repeating: mean, count: 3)
  }
  try many.train(until: 5)
  try expectSteps(many, from: before, zip(workers[0].weights, before).map { $0 - $1 })
}

private func mean(_ arrays: [[Double]]) -> [Double] {
  arrays[0].indices.map { index in arrays.reduce(0) { $0 + $1[index] } / Double(arrays.count) }
}

/// Equal shares and a rule that is linear in the gradient: the mean of the workers' steps is the step of their mean gradient.
private func togetherAfterEveryStep(_ world: Communicator) throws {
  func weights(_ workers: WorkersConfiguration?) throws -> Tensor {
    let configuration = plain {
      $0.microBatch = 20
      $0.optimizer.momentum = 0.9
      $0.workers = workers
    }
    let trainer = try trainer(configuration, world)
    _ = try trainer.run(command: "")
    return trainer.parameters
  }
  let (apart, one) = (try weights(.init(count: 4, combine: .average, localSteps: 1, from: 0)), try weights(nil))
  let distance = relativeDistance(apart, one)
  try expect(distance < 1e-5, "the weights differ by \(distance)")
}

/// A worker a rank: a sixteenth of the messages in phase two, exactly.
private func localMessages(_ world: Communicator) throws {
  func epochs(_ workers: WorkersConfiguration?) throws -> [EpochRecord] {
    let configuration = plain {
      $0.globalBatch = 20
      $0.microBatch = 1
      $0.epochs = 3
      $0.steps = nil
      $0.execution.bucketBytes = .bytes(1 << 24)
      $0.workers = workers
    }
    return try trainer(configuration, world).run(command: "").epochs
  }
  let every = try epochs(nil)
  let some = try epochs(.init(count: world.size, combine: .average, localSteps: 16, from: 1))
  // Before workers go by themselves, all is as it was; 32 steps an epoch.
  try expectEqual(some[0].ledger.exchangedMessages, every[0].ledger.exchangedMessages, "messages of the first epoch")
  try expectEqual(every[1].ledger.exchangedMessages, world.size == 1 ? 0 : 32, "messages of an epoch together")
  for epoch in some.dropFirst() {
    try expectEqual(16 * epoch.ledger.exchangedMessages, every[1].ledger.exchangedMessages, "messages times sixteen")
    try expectEqual(epoch.ledger.steps, 32, "steps")
  }
}

/// A step of the base batch ages moments by one update, however many workers share it.
private func halfLivesOfWholeSteps(_ world: Communicator) throws {
  func hash(_ halfLife: OptimizerConfiguration.HalfLife?) throws -> String {
    var configuration = local(4, steps: 3, from: 0.5)
    configuration.optimizer.kind = .adam
    configuration.optimizer.halfLife = halfLife
    configuration.learningRate.base = 1e-3
    configuration.learningRate.baseBatch = configuration.globalBatch
    configuration.execution.summation = .reproducible
    return try trainer(configuration, world).run(command: "").weightsSHA256
  }
  try expectEqual(try hash(.samples), try hash(nil), "the hash of the weights")
}

/// Whoever takes over has one model: workers that are apart come together at once.
private func movesWhileApart(_ world: Communicator) throws {
  let configuration = local(4, steps: 4, from: 0)
  let threads = try ThreadPlan(requested: nil, world)
  func weights(_ ranks: Communicator) throws -> Tensor {
    let trainer = try trainer(configuration, ranks, threads)
    try trainer.train(until: 2)
    try trainer.move(to: TrainingSession(configuration, threads: threads, alone(world)))
    let record = try trainer.run(command: "")
    try expectEqual(record.updates, 10, "updates")
    return trainer.parameters
  }
  let distance = relativeDistance(try weights(world), try weights(alone(world)))
  try expect(distance < 1e-5, "the weights differ by \(distance)")
}

private func tablesAreRefused(_ world: Communicator) throws {
  let data = DatasetPair(
    training: MadeUpClicks(count: 700, rows: 300), validation: MadeUpClicks(count: 100, rows: 300), path: "")
  for (key, change) in [
    ("optimizer.sharpnessAware", { (run: inout RunConfiguration) in run.optimizer.sharpnessAware = .init() }),
    ("workers", { (run: inout RunConfiguration) in run.workers = adasum(2) }),
  ] {
    var configuration = tableConfiguration { $0.model = .click(.init(kind: .factorizationMachine, embedding: 4)) }
    change(&configuration)
    let error = try expectError(CollectiveError.self) {
      try Trainer(configuration, TrainingSession(configuration, data: data, world)).updates
    }
    try expect("\(error)".contains("\(key) is for models whose weights are all dense"), "the error says '\(error)'")
  }
}
