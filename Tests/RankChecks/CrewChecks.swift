import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import Layers
import MessagePassing
import Models
import Training

/// The parts of a run can be taken apart: gradients of any step at any weights, other ranks in mid-run, a way back.
let crewChecks = [
  RankCheck("a run goes on with other ranks: the same bits", runMovesToOtherRanks),
  RankCheck("a run goes back to a snapshot: the same bits", runGoesBack),
  RankCheck("global batches that grow: ranks equal one rank, the same bits", growingBatches),
  RankCheck("the gradient of the whole training set is the mean of its steps'", wholeSetGradient),
  RankCheck("probes at these and other weights change nothing, and are not in the account", gradientElsewhere),
  RankCheck("probes see samples without augmentation", probesWithoutAugmentation),
  RankCheck("narrow gradients: nearly the same, and the same on one rank", narrowGradients),
  RankCheck("buckets of a size that was tried: the same bits", triedBuckets),
  RankCheck("microbatches that come alone add up to the same, norms seen", lonelyMicrobatches),
  RankCheck("tables' microbatches that come alone add up to the same", lonelyTables),
]

private let configuration = run(.mlp(widths: [20], batchNorm: true, dropout: 0.2)) {
  $0.data.limit = 400
  $0.execution.summation = .reproducible
  $0.optimizer.kind = .adam
  $0.learningRate.base = 1e-3
  $0.learningRate.schedule = .cosine
}

private func session(
  _ configuration: RunConfiguration, _ ranks: Communicator, _ threads: ThreadPlan
) throws -> TrainingSession {
  try TrainingSession(configuration, threads: threads, ranks)
}

/// Five updates on all ranks, two on the same in another order, three on each rank alone.
private func runMovesToOtherRanks(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(configuration, session(configuration, alone(world), threads)).run(command: "")
  let trainer = try Trainer(configuration, session(configuration, world, threads))
  try trainer.train(until: 5)
  let reversed = try world.split(color: 0, key: -world.rank)!
  try trainer.move(to: session(configuration, reversed, threads))
  try trainer.train(until: 7)
  try trainer.move(to: session(configuration, alone(world), threads))
  let record = try trainer.run(command: "")
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  try expectEqual(record.updates, 10, "updates")
  try expectEqual(record.epochs.count, expected.epochs.count, "epochs")
  for (epoch, other) in zip(record.epochs, expected.epochs) {
    let difference = abs(epoch.training.loss - other.training.loss)
    try expect(difference < 1e-9, "the loss of epoch \(epoch.epoch) differs by \(difference)")
    try expectEqual(epoch.training.accuracy, other.training.accuracy, "the accuracy of epoch \(epoch.epoch)")
    // The weights have the same bits; the sum of the losses has another order.
    let (loss, otherLoss) = (epoch.validation!.loss, other.validation!.loss)
    try expect(abs(loss - otherLoss) < 1e-6 * otherLoss, "the validation loss of epoch \(epoch.epoch) is \(loss)")
  }
}

private func runGoesBack(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(configuration, session(configuration, world, threads)).run(command: "")
  let trainer = try Trainer(configuration, session(configuration, world, threads))
  try trainer.train(until: 4)
  let snapshot = trainer.state.snapshot()
  try trainer.train(until: 8)
  trainer.state.restore(snapshot)
  let record = try trainer.run(command: "")
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  try expectEqual(record.epochs.map(\.training.accuracy), expected.epochs.map(\.training.accuracy), "accuracies")
}

private func growingBatches(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let batches = try BatchPlan(
    samples: 400, stages: [.init(firstEpoch: 0, globalBatch: 160), .init(firstEpoch: 1, globalBatch: 320)],
    microBatch: 24)
  func record(_ ranks: Communicator) throws -> RunRecord {
    try Trainer(configuration, batches: batches, session(configuration, ranks, threads)).run(command: "")
  }
  let (many, one) = (try record(world), try record(alone(world)))
  try expectEqual(many.weightsSHA256, one.weightsSHA256, "the hash of the weights")
  // Three steps, then two an epoch.
  try expectEqual(many.epochs.map(\.updates), [3, 5, 7, 9], "updates at the epochs' ends")
}

/// Without batch norm and dropout, whose gradients depend on what comes together.
private let plain = run(.mlp(widths: [20], batchNorm: false, dropout: 0)) { $0.data.limit = 400 }

/// The gradient's floats.
private func values(_ crew: Crew, _ step: StepPlan, at weights: Tensor) throws -> [Double] {
  let gradient = try crew.probe(step, at: weights)
  return gradient.mean.arena.buffer.map(Double.init)
}

private func distance(_ a: [Double], _ b: [Double]) -> Double {
  let (difference, size) = zip(a, b).reduce((0.0, 0.0)) { ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.1 * $1.1) }
  return (difference / size).squareRoot()
}

private func wholeSetGradient(_ world: Communicator) throws {
  let trainer = try Trainer(plain, TrainingSession(plain, world))
  let (crew, weights, batches) = (trainer.crew, trainer.state.weights, trainer.experiment.batches)
  let before = trainer.weightsSHA256
  var mean = [Double](repeating: 0, count: trainer.layout.denseCount)
  for number in 0..<batches.stepsInEpoch(0) {
    let step = batches.step(number)
    let share = Double(step.globalBatch) / Double(batches.samples)
    for (index, value) in try values(crew, step, at: weights).enumerated() { mean[index] += share * value }
  }
  let whole = try values(crew, batches.everySample(), at: weights)
  try expect(distance(whole, mean) < 1e-5, "the whole differs from the mean by \(distance(whole, mean))")
  try expectEqual(trainer.weightsSHA256, before, "the hash of the weights")
}

private func gradientElsewhere(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(configuration, session(configuration, world, threads)).run(command: "")
  let trainer = try Trainer(configuration, session(configuration, world, threads))
  try trainer.train(until: 5)
  let (step, elsewhere) = (trainer.experiment.step(5), Tensor(trainer.parameters.shape))
  elsewhere.copy(from: trainer.parameters)
  for index in 0..<elsewhere.count { elsewhere.buffer[index] *= 1.25 }
  let (there, kept) = (try values(trainer.crew, step, at: elsewhere), elsewhere.values)
  let here = try values(trainer.crew, step, at: trainer.parameters)
  try expect(distance(there, here) > 1e-3, "other weights have the same gradient")
  try expectEqual(elsewhere.values, kept, "the other weights")
  let record = try trainer.run(command: "")
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  try expectEqual(record.ledger.exchangedBytes, expected.ledger.exchangedBytes, "bytes")
  try expectEqual(record.ledger.exchangedMessages, expected.ledger.exchangedMessages, "messages")
  try expectEqual(record.ledger.steps, expected.ledger.steps, "steps")
}

private func probesWithoutAugmentation(_ world: Communicator) throws {
  var augmented = plain
  augmented.data.augmentation = AugmentationConfiguration(mirror: true, noise: 0.5)
  let trainers = try [plain, augmented].map { try Trainer($0, TrainingSession($0, world)) }
  let step = trainers[0].experiment.step(0)
  let (a, b) = (
    try values(trainers[0].crew, step, at: trainers[0].parameters),
    try values(trainers[1].crew, step, at: trainers[1].parameters)
  )
  try expectEqual(a, b, "gradients of the same samples")
  let applied = try trainers[1].crew.gradient(of: step, at: trainers[1].parameters)
  let gradient = applied.mean.arena.buffer.map(Double.init)
  try expect(distance(gradient, a) > 1e-3, "a step's gradient has no augmentation")
}

private func narrowGradients(_ world: Communicator) throws {
  for (precision, distances) in [
    (RunConfiguration.ExchangePrecision.bfloat16, 1e-4...1e-2), (.float16, 1e-5...1e-3),
  ] {
    for feedback in [nil, true] { try narrowGradients(precision, errorFeedback: feedback, distances, world) }
  }
}

private func narrowGradients(
  _ precision: RunConfiguration.ExchangePrecision, errorFeedback: Bool?, _ distances: ClosedRange<Double>,
  _ world: Communicator
) throws {
  let narrow = run(.mlp(widths: [20], batchNorm: true, dropout: 0)) {
    $0.data.limit = 400
    $0.exchangePrecision = precision
    $0.exchangeErrorFeedback = errorFeedback
  }
  var wide = narrow
  (wide.exchangePrecision, wide.exchangeErrorFeedback) = (nil, nil)
  let trainers = try [narrow, wide].map { try Trainer($0, TrainingSession($0, world)) }
  let step = trainers[0].experiment.step(0)
  let (a, b) = (
    try values(trainers[0].crew, step, at: trainers[0].parameters),
    try values(trainers[1].crew, step, at: trainers[1].parameters)
  )
  let records = try trainers.map { try $0.run(command: "") }
  let (losses, hashes) = (records.map { $0.epochs.last!.training.loss }, records.map(\.weightsSHA256))
  try expect(abs(losses[0] - losses[1]) < 0.02 * losses[1], "\(precision): losses \(losses)")
  if world.size == 1 {
    try expectEqual(a, b, "gradients")
    try expectEqual(hashes[0], hashes[1], "hashes")
  } else {
    try expect(distances.contains(distance(a, b)), "\(precision): gradients differ by \(distance(a, b))")
    try expectEqual(2 * records[0].ledger.exchangedBytes, records[1].ledger.exchangedBytes, "bytes")
  }
}

private func triedBuckets(_ world: Communicator) throws {
  var open = configuration
  open.execution.bucketBytes = .auto
  open.execution.overlap = .progress
  let expected = try Trainer(configuration, TrainingSession(configuration, world)).run(command: "")
  var notices: [String] = []
  let record = try Trainer(open, TrainingSession(open, world)).run(command: "") {
    if case .notice(let notice) = $0 { notices.append(notice) }
  }
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  let taken = record.bucketBytes ?? 0
  try expect(BucketPlan.sizesToTry.contains(taken), "\(taken) bytes are taken")
  let words = "execution.bucketBytes is auto, and \(taken >> 10) KiB is taken: a gradient took "
  let isSaid = world.rank == 0 && world.size > 1
  try expectEqual(notices.count { $0.hasPrefix(words) }, isSaid ? 1 : 0, "notices of it in \(notices)")
}

/// Figures that the ranks' observers saw, summed.
private final class SeenNorms {
  var squares = 0.0
  var floats = 0
}

private func lonelyMicrobatches(_ world: Communicator) throws {
  func observed(_ ranks: Communicator) throws -> (gradient: [Double], squares: Double, floats: Int) {
    let session = try TrainingSession(plain, ranks)
    let experiment = try Training.Experiment(plain, session.data)
    let trainer = try Trainer(plain, session)
    let crew = try Crew(experiment, trainer.state, session, accumulation: .alone)
    let seen = SeenNorms()
    crew.exchange.observer = { range, gradient in
      seen.floats += range.count
      for index in gradient.indices { seen.squares += Double(gradient[index]) * Double(gradient[index]) }
    }
    let gradient = try values(crew, experiment.step(0), at: trainer.state.weights)
    let inPlace = try values(trainer.crew, experiment.step(0), at: trainer.state.weights)
    try expect(distance(gradient, inPlace) < 1e-6, "alone differs by \(distance(gradient, inPlace))")
    return (gradient, try ranks.allReduce(seen.squares, .sum), try ranks.allReduce(seen.floats, .sum))
  }
  let (many, one) = (try observed(world), try observed(alone(world)))
  try expect(distance(many.gradient, one.gradient) < 1e-6, "ranks differ from one")
  // Floats of seven microbatches, padding included.
  let layout = try Training.Experiment(plain, DatasetPair.open(plain.data)).model.layout
  try expectEqual(many.floats, 7 * layout.denseCount, "floats that were seen")
  try expect(abs(many.squares - one.squares) < 1e-6 * one.squares, "squared norms \(many.squares), \(one.squares)")
}

private func lonelyTables(_ world: Communicator) throws {
  for exchange in ExecutionConfiguration.TableExchange.allCases {
    var configuration = tableConfiguration { $0.execution.tableExchange = exchange }
    configuration.model = .click(.init(kind: .factorizationMachine, embedding: 4))
    let data = DatasetPair(
      training: MadeUpClicks(count: 700, rows: 300), validation: MadeUpClicks(count: 100, rows: 300), path: "")
    let session = try TrainingSession(configuration, data: data, world)
    let trainer = try Trainer(configuration, session)
    let crew = try Crew(trainer.experiment, trainer.state, session, accumulation: .alone)
    let step = trainer.experiment.step(0)
    let (alone, inPlace) = (
      try tableSums(crew, step, trainer.state.weights), try tableSums(trainer.crew, step, trainer.state.weights)
    )
    try expectEqual(alone.rows, inPlace.rows, "rows")
    try expect(distance(alone.values, inPlace.values) < 1e-6, "rows that came alone differ")
  }
}

/// Touched rows in the order of their ids, and their gradients side by side.
private func tableSums(
  _ crew: Crew, _ step: StepPlan, _ weights: Tensor
) throws -> (rows: [Int32], values: [Double]) {
  let gradient = try crew.gradient(of: step, at: weights)
  let tables = gradient.mean.tables!
  let order = tables.rows.ids.indices.sorted { tables.rows.ids[$0] < tables.rows.ids[$1] }
  let values = tables.tables.flatMap { table in
    order.flatMap { number in
      (0..<table.width).map { Double(table.values.buffer[number * table.width + $0]) }
    }
  }
  return (order.map { tables.rows.ids[$0] }, values)
}
