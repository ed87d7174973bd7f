import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import MessagePassing
import Training

/// What a run looks at besides: the same on any ranks, and nothing is learnt otherwise because of it.
let noiseChecks = [
  RankCheck("gradient noise is that of the microbatches by themselves", noiseOfImages),
  RankCheck("gradient noise of tables is that of the microbatches by themselves", noiseOfTables),
  RankCheck("gradient noise and distances: ranks equal one rank, and weights are as without them", courseOnRanks),
  RankCheck("gradient noise goes on with other ranks", noiseMoves),
  RankCheck("distances and norms of a first update are those of its gradient", firstUpdate),
]

private let looking = run(.mlp(widths: [20], batchNorm: false, dropout: 0.2)) {
  // 400 samples: the last global batch of an epoch has 80, the last microbatch of each fewer than 24.
  $0.data.limit = 400
  $0.measure = MeasureConfiguration(noiseScale: .init(everySteps: 1), distances: .init())
}

/// Seven microbatches, the last of 16 samples.
private func noiseOfImages(_ world: Communicator) throws {
  for summation in [ExecutionConfiguration.Summation.fast, .reproducible] {
    var configuration = looking
    configuration.steps = 1
    configuration.execution.summation = summation
    try compareWithMicrobatches(configuration, DatasetPair.open(configuration.data), world)
  }
}

private func noiseOfTables(_ world: Communicator) throws {
  for exchange in ExecutionConfiguration.TableExchange.allCases {
    for summation in [ExecutionConfiguration.Summation.fast, .reproducible] {
      var configuration = tableConfiguration {
        $0.execution.tableExchange = exchange
        $0.execution.summation = summation
        $0.steps = 1
      }
      configuration.model = .click(.init(kind: .deepfm, embedding: 4, widths: [8]))
      configuration.measure = looking.measure
      let data = DatasetPair(
        training: MadeUpClicks(count: 700, rows: 300), validation: MadeUpClicks(count: 100, rows: 300), path: "")
      try compareWithMicrobatches(configuration, data, world)
    }
  }
}

/// ‖g‖² of what is dense and of tables.
private struct Squares {
  var dense = 0.0
  var tables = 0.0

  init(_ crew: Crew, _ step: StepPlan, at weights: Tensor) throws {
    let gradient = try crew.gradient(of: step, at: weights)
    for range in crew.experiment.model.layout.trainedRanges {
      for index in range { dense += Self.square(gradient.mean.arena.buffer[index]) }
    }
    for table in gradient.mean.tables?.tables ?? [] {
      for value in table.values.buffer { tables += Self.square(value) }
    }
  }

  private static func square(_ value: Float) -> Double { Double(value) * Double(value) }
}

/// The first update's noise, from gradients of its microbatches that are each asked for alone.
private func compareWithMicrobatches(
  _ configuration: RunConfiguration, _ data: DatasetPair, _ world: Communicator
) throws {
  let trainer = try Trainer(configuration, TrainingSession(configuration, data: data, world))
  let step = trainer.experiment.step(0)
  let (count, batch) = (step.microbatchCount, Double(step.globalBatch))
  let whole = try Squares(trainer.crew, step, at: trainer.parameters)
  var (dense, tables) = (-batch * whole.dense, -batch * whole.tables)
  for microbatch in 0..<count {
    let positions = step.positions(ofMicrobatch: microbatch)
    let alone = StepPlan(
      epoch: 0, step: 0, stepsInEpoch: step.stepsInEpoch, positions: positions, microBatch: step.microBatch)
    let squares = try Squares(trainer.crew, alone, at: trainer.parameters)
    dense += Double(positions.count) * squares.dense
    tables += Double(positions.count) * squares.tables
  }
  let found = try trainer.run(command: "rank check")
  guard let noise = found.noiseAtStart else { return try expect(false, "no noise was measured") }
  try expectEqual(noise.steps, 1, "steps that were measured")
  let rest = 1 / batch - 1 / Double(data.training.count)
  try compare(noise.dense.trace, dense / Double(count - 1), "tr Σ")
  try compare(noise.dense.squaredNorm, whole.dense - dense / Double(count - 1) * rest, "‖G‖²", of: whole.dense)
  guard trainer.layout.tables.isEmpty == false else { return try expect(noise.tables == nil, "noise of no tables") }
  try compare(noise.tables?.trace, tables / Double(count - 1), "tr Σ of tables")
  try compare(
    noise.tables?.squaredNorm, whole.tables - tables / Double(count - 1) * rest, "‖G‖² of tables", of: whole.tables)
}

/// - Parameter size: what a difference is a part of; nil for the expected figure.
private func compare(_ found: Double?, _ expected: Double, _ what: String, of size: Double? = nil) throws {
  guard let found else { return try expect(false, "\(what) was not measured") }
  try expect(abs(found - expected) <= 1e-4 * abs(size ?? expected), "\(what) is \(found), not \(expected)")
}

private func courseOnRanks(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  for summation in [ExecutionConfiguration.Summation.fast, .reproducible] {
    var configuration = looking
    configuration.execution.summation = summation
    func record(_ configuration: RunConfiguration, _ ranks: Communicator) throws -> RunRecord {
      try Trainer(configuration, TrainingSession(configuration, threads: threads, ranks)).run(command: "rank check")
    }
    let (many, one) = (try record(configuration, world), try record(configuration, alone(world)))
    try compareNoise(many, one)
    try compareDistances(many, one)
    configuration.measure = nil
    let plain = try record(configuration, world)
    try expectEqual(many.weightsSHA256, plain.weightsSHA256, "the hash of the weights with and without a look")
    try expect(plain.noiseAtStart == nil && plain.distances == nil, "a run that nobody asked has figures")
  }
}

private func compareNoise(_ many: RunRecord, _ one: RunRecord) throws {
  try expectEqual(many.epochs.count, one.epochs.count, "epochs")
  for (a, b) in zip(many.epochs.map(\.noise) + [many.noiseAtStart], one.epochs.map(\.noise) + [one.noiseAtStart]) {
    guard let a, let b else { return try expect(false, "an epoch has no noise") }
    try expectEqual(a.steps, b.steps, "steps that were measured")
    try compare(a.dense.trace, b.dense.trace, "tr Σ")
    try compare(a.dense.squaredNorm, b.dense.squaredNorm, "‖G‖²", of: b.dense.trace)
  }
}

private func compareDistances(_ many: RunRecord, _ one: RunRecord) throws {
  guard let a = many.distances, let b = one.distances else { return try expect(false, "there are no distances") }
  try expectEqual(a.updates, Array(1...10), "updates with a distance")
  try expectEqual(a.arrays.map(\.name), ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"], "arrays")
  for (x, y) in zip(a.total, b.total) { try compare(x, y, "the distance") }
  for (x, y) in zip(a.arrays, b.arrays) {
    for (x, y) in zip(x.distances, y.distances) { try compare(x, y, "an array's distance") }
  }
  for place in a.total.indices {
    let squares = a.arrays.reduce(0) { $0 + $1.distances[place] * $1.distances[place] }
    try compare(squares.squareRoot(), a.total[place], "the distance of all arrays")
  }
  try compare(a.total.last, many.epochs.last!.weightDistance, "the last distance")
  for (x, y) in zip(many.epochs, one.epochs) {
    guard let x = x.norms, let y = y.norms else { return try expect(false, "an epoch has no norms") }
    try expectEqual(x.steps, y.steps, "steps whose norms were noted")
    try compare(x.updateMean, y.updateMean, "the mean update")
    try compare(x.gradient.maximum, y.gradient.maximum, "the largest gradient")
  }
}

/// Half of the run's measured steps on all ranks, half on each rank alone.
private func noiseMoves(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(looking, TrainingSession(looking, threads: threads, alone(world))).run(command: "")
  let trainer = try Trainer(looking, TrainingSession(looking, threads: threads, world))
  try trainer.train(until: 4)
  try trainer.move(to: TrainingSession(looking, threads: threads, alone(world)))
  try compareNoise(trainer.run(command: ""), expected)
}

/// Plain descent: ‖Δw‖ = ‖w − w₀‖ = rate · ‖g‖.
private func firstUpdate(_ world: Communicator) throws {
  var configuration = looking
  configuration.steps = 1
  (configuration.optimizer.momentum, configuration.optimizer.weightDecay) = (0, 0)
  let record = try Trainer(configuration, TrainingSession(configuration, world)).run(command: "rank check")
  guard let norms = record.epochs[0].norms, let distances = record.distances else {
    return try expect(false, "nothing was measured")
  }
  try expectEqual(distances.learningRates, [configuration.learningRate.base], "rates")
  try compare(norms.updateMean, distances.total[0], "the update")
  try compare(norms.updateMean, configuration.learningRate.base * norms.gradient.median, "the update")
  try expect(norms.steps == 1 && norms.updateVariance == nil, "one step has no variance")
}
