import Batches
import Configuration
import Datasets
import Foundation
import Layers
import MessagePassing
import Training

/// A run that goes on from a checkpoint, in other objects as in another process, ends with the bits of one that never stopped.
let checkpointChecks =
  resumedRuns.map { run in
    RankCheck("a run goes on from a checkpoint: the same bits: \(run.name)") { world in try compareResumed(run, world) }
  } + [
    RankCheck("a checkpoint of all ranks goes on on each alone: the same bits", resumedAlone),
    RankCheck("a checkpoint of one rank goes on on all: the same bits", resumedOnMore),
    RankCheck("a run that was cut short behind its last update goes on there", cutShortAtTheEnd),
    RankCheck("all ranks write when the first one's time has come", writtenByTime),
    RankCheck("workers that are apart write no checkpoint", workersApartWriteNone),
    RankCheck("a damaged checkpoint is passed over, and another run's refused with its keys", wrongCheckpoints),
  ]

struct ResumedRun: Sendable {
  let name: String
  var configuration: RunConfiguration
  var rows: Int?
}

/// Ten steps of a batch of 160 in epochs of three, a checkpoint after the seventh.
private func resumed(_ name: String, _ change: (inout RunConfiguration) -> Void = { _ in }) -> ResumedRun {
  ResumedRun(
    name: name,
    configuration: run(.mlp(widths: [20], batchNorm: true, dropout: 0.2)) {
      $0.data.limit = 400
      change(&$0)
    })
}

private let resumedRuns: [ResumedRun] =
  OptimizerConfiguration.Kind.allCases.map { kind in
    resumed(kind.rawValue) {
      $0.optimizer.kind = kind
      $0.learningRate.base = 1e-3
    }
  } + [
    resumed("half-lives in samples, clipping, a cosine") {
      $0.optimizer.kind = .adam
      $0.optimizer.halfLife = .samples
      $0.optimizer.clipNorm = 0.5
      $0.learningRate.schedule = .cosine
    },
    resumed("the best weights are kept, the rate falls on plateaus") {
      $0.data.validation = .init(.fraction(0.2), seed: 1)
      $0.evaluation.keep = .best
      $0.learningRate.schedule = .plateau
      $0.learningRate.patience = 1
      $0.learningRate.base = 1
    },
    resumed("distances and noise") {
      $0.measure = .init(noiseScale: .init(), distances: .init())
    },
    resumed("narrow gradients whose errors are fed back") {
      $0.exchangePrecision = .bfloat16
      $0.exchangeErrorFeedback = true
    },
    resumed("a batch that grows") {
      $0.batchSchedule = .init(milestones: [1], factor: 2)
    },
    resumed("sharpness-aware steps") { $0.optimizer.sharpnessAware = .init() },
    resumed("reproducible sums") { $0.execution.summation = .reproducible },
    resumed("one copy of the weights on a host") {
      $0.optimizer.kind = .adam
      $0.learningRate.base = 1e-3
      $0.execution.arenas = .shared
    },
    ResumedRun(
      name: "Adasum",
      configuration: run(.mlp(widths: [20], batchNorm: false, dropout: 0.2)) {
        $0.data.limit = 400
        $0.workers = .init(count: 4, combine: .adasum)
      }),
    ResumedRun(
      name: "workers that average",
      configuration: run(.mlp(widths: [20], batchNorm: false, dropout: 0.2)) {
        $0.data.limit = 400
        $0.workers = .init(count: 4, combine: .average, localSteps: 7, from: 0)
        $0.epochs = 1
        $0.globalBatch = 40
        $0.microBatch = 10
      }),
  ]
  + TablesConfiguration.Optimizer.allCases.map { optimizer in
    ResumedRun(
      name: "tables, \(optimizer.rawValue)",
      configuration: tableConfiguration {
        $0.data.path = "made up"
        $0.model = .click(.init(kind: .factorizationMachine, embedding: 4))
        $0.tables = .init(optimizer: optimizer)
        $0.execution.tableExchange = .sparse
      }, rows: 300)
  }

func withFolder(_ world: Communicator, _ body: (String) throws -> Void) throws {
  // Where the package is, since hosts have temporary folders of their own.
  let name = "\(FileManager.default.currentDirectoryPath)/output/checks-\(UInt64.random(in: 0 ... .max))"
  let path = try world.broadcast(name, root: 0)
  let outcome = Result { try body(path) }
  try world.barrier()
  if world.rank == 0 { try? FileManager.default.removeItem(atPath: path) }
  try outcome.get()
}

func session(
  _ run: ResumedRun, _ ranks: Communicator, _ threads: ThreadPlan
) throws -> TrainingSession {
  let data = run.rows.map { rows in
    DatasetPair(
      training: MadeUpClicks(count: 700, rows: rows),
      validation: MadeUpClicks(count: 100, rows: rows, firstSample: 700),
      evaluatedOn: run.configuration.evaluation.keep == .best ? .validation : .test, path: "")
  }
  return try TrainingSession(run.configuration, data: data, threads: threads, ranks)
}

/// Trains for some updates with checkpoints, then stops as if it had been killed.
///
/// - Returns: updates of the whole checkpoints that all ranks find then, the newest first.
@discardableResult
private func stopInTheMiddle(
  _ run: ResumedRun, _ ranks: Communicator, _ threads: ThreadPlan, in folder: String, after updates: Int = 8,
  _ checkpoint: CheckpointConfiguration = CheckpointConfiguration(.steps(7))
) throws -> [Int] {
  var configuration = run.configuration
  configuration.checkpoint = checkpoint
  try stop(Trainer(configuration, session(run, ranks, threads)), ranks, in: folder, after: updates)
  return CheckpointFolder(in: folder).entries.filter { $0.ranks == ranks.size }.map(\.updates)
}

/// Trains for some updates with the checkpoints that its configuration asks for, which are all on the disk then.
func stop(_ trainer: Trainer, _ ranks: Communicator, in folder: String, after updates: Int) throws {
  _ = try trainer.writeCheckpoints(in: folder)
  try trainer.train(until: updates)
  try trainer.settleCheckpoint { _ in }
  try ranks.barrier()
}

/// A run on data that are changed on their way, with layers of one's own.
///
/// - Parameters:
///   - layers: nil for the model of the configuration.
///   - loss: of a model of such layers.
func madeUpTrainer(
  _ configuration: RunConfiguration, _ ranks: Communicator, _ threads: ThreadPlan, resuming checkpoint: Checkpoint?,
  layers: [any Layer]?, loss: any Loss = SoftmaxCrossEntropy(),
  training: (any Dataset) -> any Dataset, validation: (any Dataset) -> any Dataset = { $0 }
) throws -> Trainer {
  let opened = try DatasetPair.open(configuration.data)
  let data = DatasetPair(
    training: training(opened.training), validation: validation(opened.validation), path: opened.path)
  let model = try layers.map { try Model(name: "made up", input: opened.training.inputShape, layers: $0, loss: loss) }
  return try Trainer(
    configuration, model: model, resuming: checkpoint,
    TrainingSession(configuration, data: data, threads: threads, ranks))
}

private func goOn(_ run: ResumedRun, _ ranks: Communicator, _ threads: ThreadPlan, in folder: String) throws
  -> RunRecord
{
  guard let checkpoint = try Checkpoint.newest(in: folder, ranks, notice: { print($0) }) else {
    throw FailedExpectation(description: "no checkpoint in \(folder)")
  }
  try expectEqual(checkpoint.updates, 7, "updates of the checkpoint")
  return try Trainer(run.configuration, resuming: checkpoint, session(run, ranks, threads)).run(command: "")
}

private func compare(_ record: RunRecord, _ expected: RunRecord) throws {
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  try expectEqual(record.updates, expected.updates, "updates")
  try expectEqual(record.keptEpoch, expected.keptEpoch, "the kept epoch")
  try expectEqual(record.epochs.map(\.updates), expected.epochs.map(\.updates), "updates at the epochs' ends")
  try expectEqual(record.epochs.map(\.training.accuracy), expected.epochs.map(\.training.accuracy), "accuracies")
  try expectEqual(record.epochs.map(\.ledger.samples), expected.epochs.map(\.ledger.samples), "samples")
  try expectEqual(record.epochs.map(\.learningRate), expected.epochs.map(\.learningRate), "rates")
  try expectEqual(record.epochs.map(\.noise?.steps), expected.epochs.map(\.noise?.steps), "steps of noise")
  try expectEqual(record.epochs.map(\.norms), expected.epochs.map(\.norms), "norms of updates and gradients")
  try expectEqual(record.distances, expected.distances, "distances")
  try expectEqual(record.resumptions?.map(\.updates), [7], "updates before it went on")
}

private func compareResumed(_ run: ResumedRun, _ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(run.configuration, session(run, world, threads)).run(command: "")
  try withFolder(world) { folder in
    try stopInTheMiddle(run, world, threads, in: folder)
    try compare(goOn(run, world, threads, in: folder), expected)
  }
}

private let reproducible = resumed("reproducible") {
  $0.execution.summation = .reproducible
  $0.optimizer.kind = .adam
}

private func resumedAlone(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(reproducible.configuration, session(reproducible, world, threads)).run(command: "")
  try withFolder(world) { folder in
    try stopInTheMiddle(reproducible, world, threads, in: folder)
    let record = try goOn(reproducible, alone(world), threads, in: folder)
    try compare(record, expected)
    try expectEqual(record.resumptions?.first?.ranks, world.size, "ranks that wrote it")
  }
}

private func resumedOnMore(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let expected = try Trainer(reproducible.configuration, session(reproducible, alone(world), threads)).run(command: "")
  try withFolder(world) { folder in
    let first = try world.split(color: world.rank == 0 ? 0 : nil)
    if let first { try stopInTheMiddle(reproducible, first, threads, in: folder) }
    try world.barrier()
    try compare(goOn(reproducible, world, threads, in: folder), expected)
  }
}

/// The last evaluation may take long: what comes before it is stored.
private func cutShortAtTheEnd(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  for run in resumedRuns where run.name == "adam" || run.name.hasPrefix("the best weights") {
    try withFolder(world) { folder in
      var configuration = run.configuration
      configuration.checkpoint = CheckpointConfiguration(.steps(7))
      let trainer = try Trainer(configuration, session(run, world, threads))
      _ = try trainer.writeCheckpoints(in: folder)
      let expected = try trainer.run(command: "")
      let checkpoint = try Checkpoint.newest(in: folder, world) { print($0) }
      try expectEqual(checkpoint?.updates, expected.updates, "updates before the newest")
      let record = try Trainer(run.configuration, resuming: checkpoint, session(run, world, threads)).run(command: "")
      try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
      try expectEqual(record.updates, expected.updates, "updates")
      try expectEqual(record.keptEpoch, expected.keptEpoch, "the kept epoch")
      try expectEqual(record.epochs.map(\.training.accuracy), expected.epochs.map(\.training.accuracy), "accuracies")
      try expectEqual(record.ledger.samples, expected.ledger.samples, "samples of the account")
    }
  }
}

private func withWorkers(_ workers: WorkersConfiguration?, globalBatch: Int = 160) -> ResumedRun {
  ResumedRun(
    name: "",
    configuration: run(.mlp(widths: [20], batchNorm: false, dropout: 0)) {
      $0.data.limit = 400
      $0.globalBatch = globalBatch
      $0.workers = workers
    })
}

/// So short an interval that one is due after every step.
private func writtenByTime(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let always = CheckpointConfiguration(.seconds(1e-9), keep: 3)
  let ways: [(workers: WorkersConfiguration?, updates: [Int])] = [
    (nil, [8, 7, 6]), (.init(count: 2, combine: .adasum), [8, 7, 6]),
    (.init(count: 2, combine: .average, localSteps: 2, from: 0), [8, 6, 4]),
  ]
  for way in ways {
    try withFolder(world) { folder in
      let found = try stopInTheMiddle(withWorkers(way.workers), world, threads, in: folder, after: 9, always)
      try expectEqual(found, way.updates, "updates of checkpoints")
    }
  }
}

private func workersApartWriteNone(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let run = withWorkers(.init(count: 2, combine: .average, localSteps: 4, from: 0), globalBatch: 40)
  try withFolder(world) { folder in
    let found = try stopInTheMiddle(run, world, threads, in: folder, after: 9, CheckpointConfiguration(.steps(1)))
    try expectEqual(found, [8, 4], "updates of checkpoints")
  }
}

private func wrongCheckpoints(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  try withFolder(world) { folder in
    let found = try stopInTheMiddle(
      reproducible, world, threads, in: folder, after: 7, CheckpointConfiguration(.steps(3)))
    try expectEqual(found, [6, 3], "updates of checkpoints")
    let newest = CheckpointFolder(in: folder).entries[0]
    let file = "\(newest.path)/\(CheckpointFolder.fileName(rank: world.size - 1, of: world.size))"
    if world.rank == 0 { try flip(file) }
    try world.barrier()
    var notices: [String] = []
    let checkpoint = try Checkpoint.newest(in: folder, world) { notices.append($0) }
    try expectEqual(checkpoint?.updates, 3, "updates of the older one")
    if world.rank == 0 { try expect(notices.count == 1 && notices[0].contains(file), "\(notices)") }
    var other = reproducible.configuration
    other.optimizer.kind = .sgd
    other.execution.prefetch = 1
    let error = try expectError(CollectiveError.self) {
      try Trainer(other, resuming: checkpoint, TrainingSession(other, threads: threads, world)).updates
    }
    try expect(
      "\(error)".contains("optimizer.kind is adam there and sgd here") && !"\(error)".contains("prefetch"), "\(error)")
  }
}

/// One bit of the last number.
func flip(_ path: String) throws {
  var data = try Data(contentsOf: URL(fileURLWithPath: path))
  data[data.count - 2] ^= 1
  try data.write(to: URL(fileURLWithPath: path))
}
