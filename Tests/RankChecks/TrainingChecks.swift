import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import Measurement
import MessagePassing
import Models
import Training

/// The promise of the whole project: ranks are only how an experiment is executed. Real images, ten updates.
let trainingChecks =
  (experiments + contrastiveExperiments).map { experiment in
    RankCheck("ranks equal one rank: \(experiment.name)") { world in try compareWithOneRank(experiment, world) }
  }
  + (experiments + contrastiveExperiments + experimentsThatAmplifyRounding).map { experiment in
    RankCheck("the same bits as one rank: \(experiment.name)") { world in
      var experiment = experiment
      experiment.configuration.execution.summation = .reproducible
      try compareWithOneRank(experiment, world)
    }
  } + [
    RankCheck("microbatches change nothing but rounding", microbatchesOnlyRound),
    RankCheck("a rank with another seed is named", disagreementIsNamed),
    RankCheck("a slow rank shows as wait on the others", slowRankShowsAsWait),
    RankCheck("a slow rank gets fewer microbatches", slowRankGetsFewer),
    RankCheck("arenas that ranks of a host share bring the weights of private ones", sharedArenasBringTheSame),
    RankCheck("ranks of a host have one copy of the weights, and go to others and back together", oneCopyOfWeights),
    RankCheck("weights are saved and loaded", weightsComeBack),
  ] + surroundingsChecks

/// Prints its weights' hash, for `launch/mpi-checks`: the same bits on any number of ranks and with any MPI library.
let weightsToCompare = RankCheck("reproducible weights") { world in
  var configuration = run(.mlp(widths: [40, 30], batchNorm: true, dropout: 0.3), adam(.adamw))
  configuration.execution.summation = .reproducible
  configuration.execution.threads = 1
  let record = try Trainer(configuration, TrainingSession(configuration, world)).run(command: "rank check")
  if world.rank == 0 { print("weights \(record.weightsSHA256)") }
}

struct ImageRun: Sendable {
  let name: String
  var configuration: RunConfiguration
  /// nil: the configuration's own.
  var model: Model?
}

private let experiments: [ImageRun] = [
  ImageRun(name: "logistic, SGD", configuration: run(.logistic) { _ in }),
  ImageRun(
    name: "mlp, batch norm, dropout, Nesterov, weight decay",
    configuration: run(.mlp(widths: [40, 30], batchNorm: true, dropout: 0.3)) {
      $0.optimizer.nesterov = true
      $0.optimizer.weightDecay = 1e-3
    }),
  ImageRun(
    name: "mlp, ghost batches, warm-up, a bucket a layer",
    configuration: run(.mlp(widths: [40, 30], batchNorm: true, dropout: 0)) {
      $0.ghostBatch = 8
      $0.learningRate.warmUpEpochs = 1
      $0.execution.bucketBytes = .bytes(1)
      $0.execution.overlap = .start
    }),
  ImageRun(
    name: "mlp, AdamW", configuration: run(.mlp(widths: [40, 30], batchNorm: false, dropout: 0.3), adam(.adamw))),
  ImageRun(
    name: "cnn, Adam, clipping",
    configuration: run(.cnn(filters: [4, 6], hidden: 20, batchNorm: false, dropout: 0.2), adam(.adam))),
  ImageRun(
    name: "average pooling, no overlap",
    configuration: run(.custom("average pooling")) { $0.execution.overlap = .none },
    model: try? Model(
      name: "average pooling", input: Shape(28, 28, 1),
      layers: [
        Convolution(4, kernel: 3), ReLU(), AveragePool(2), Flatten(), Dropout(0.1), Dense(10),
      ])),
  ImageRun(
    name: "residual blocks, batch norm, ghost batches, a bucket a layer",
    configuration: run(.layers(residual)) {
      $0.ghostBatch = 8
      $0.execution.bucketBytes = .bytes(1)
      $0.learningRate.base = 0.01
    }),
  ImageRun(
    name: "group norm, LARS, weight decay",
    configuration: run(.layers(grouped)) {
      $0.optimizer.kind = .lars
      $0.optimizer.weightDecay = 1e-3
      $0.learningRate.base = 5
    }),
  ImageRun(
    name: "ragged: 2,500 samples, batches of 1,000, microbatches of 96",
    configuration: run(.mlp(widths: [20], batchNorm: false, dropout: 0)) {
      $0.data.limit = 2500
      $0.globalBatch = 1000
      $0.microBatch = 96
    }),
  ImageRun(
    name: "a batch that grows and a rate that decays, half-lives in samples",
    configuration: run(.mlp(widths: [40, 30], batchNorm: true, dropout: 0.3)) {
      $0.data.limit = 500
      $0.globalBatch = 100
      $0.ghostBatch = 8
      $0.batchSchedule = BatchScheduleConfiguration(milestones: [1, 2], factor: 3, atMost: 400)
      $0.optimizer.halfLife = .samples
    }),
  ImageRun(
    name: "a batch that shrinks below a sample a rank, Adam, half-lives in samples",
    configuration: run(.mlp(widths: [20], batchNorm: false, dropout: 0)) {
      adam(.adam)(&$0)
      $0.data.limit = 6
      $0.globalBatch = 6
      $0.microBatch = 2
      $0.batchSchedule = BatchScheduleConfiguration(milestones: [2], factor: 1.0 / 6)
      $0.optimizer.halfLife = .samples
    }),
  ImageRun(
    name: "more ranks than microbatches",
    configuration: run(.mlp(widths: [20], batchNorm: false, dropout: 0.5)) {
      $0.globalBatch = 48
      $0.microBatch = 24
    }),
]

/// Here a rounding error in one sum does not stay one. A bias before batch norm has no gradient but rounding, and Adam
/// divides that by itself; and of 100,000 rectified values a step one may lie within rounding of 0, to be let through on
/// some numbers of ranks and not on others, after which batch norm at a high rate multiplies the difference in every step.
private let experimentsThatAmplifyRounding: [ImageRun] = [
  ImageRun(
    name: "cnn, batch norm, dropout, clipping",
    configuration: run(.cnn(filters: [4, 6], hidden: 20, batchNorm: true, dropout: 0.2)) {
      $0.optimizer.clipNorm = 0.5
    }),
  ImageRun(
    name: "mlp, batch norm, AdamW",
    configuration: run(.mlp(widths: [40, 30], batchNorm: true, dropout: 0.3), adam(.adamw))),
  ImageRun(
    name: "cnn, batch norm, Adam, clipping",
    configuration: run(.cnn(filters: [4, 6], hidden: 20, batchNorm: true, dropout: 0.2), adam(.adam))),
  // A sum's last bit may be another multiple of 2⁻⁸ of what is multiplied next.
  ImageRun(
    name: "cnn, batch norm, dropout, bfloat16",
    configuration: run(.cnn(filters: [4, 6], hidden: 20, batchNorm: true, dropout: 0.2)) {
      $0.precision = .bfloat16
    }),
  ImageRun(
    name: "mlp, bfloat16",
    configuration: run(.mlp(widths: [40, 30], batchNorm: false, dropout: 0)) {
      $0.precision = .bfloat16
    }),
]

private let grouped: [LayerConfiguration] = [
  .init(.convolution(filters: 4, kernel: 3, stride: 2, padding: 1, bias: false)), .init(.groupNorm(groups: 2)),
  .init(.relu), .init(.globalAveragePool), .init(.dense(width: .classes)),
]

/// One block that keeps the shape and one that does not.
private let residual: [LayerConfiguration] = {
  func convolution(_ filters: Int, stride: Int = 1, kernel: Int = 3) -> LayerConfiguration {
    .init(.convolution(filters: filters, kernel: kernel, stride: stride, padding: kernel / 2, bias: false))
  }
  func block(stride: Int) -> [LayerConfiguration] {
    [
      convolution(4 * stride, stride: stride), .init(.batchNorm), .init(.relu), convolution(4 * stride),
      .init(.batchNorm),
    ]
  }
  let projection = [convolution(8, stride: 2, kernel: 1), .init(.batchNorm)]
  return [
    convolution(4, stride: 2), .init(.batchNorm), .init(.relu),
    .init(.residual(layers: block(stride: 1), projection: [])), .init(.relu),
    .init(.residual(layers: block(stride: 2), projection: projection)), .init(.relu), .init(.globalAveragePool),
    .init(.dense(width: .classes)),
  ]
}()

func adam(_ kind: OptimizerConfiguration.Kind) -> (inout RunConfiguration) -> Void {
  { configuration in
    configuration.optimizer.kind = kind
    configuration.optimizer.clipNorm = 0.5
    configuration.learningRate.base = 1e-3
  }
}

func run(_ model: ModelConfiguration, _ change: (inout RunConfiguration) -> Void) -> RunConfiguration {
  var configuration = RunConfiguration(
    model: model, data: DataConfiguration(path: "launch/data/fashion-mnist-subset"), globalBatch: 160, microBatch: 24,
    epochs: 4)
  configuration.steps = 10
  configuration.learningRate.base = 0.05
  change(&configuration)
  return configuration
}

/// - Parameter threads: the whole job's, for a part of it.
private func train(
  _ experiment: ImageRun, _ ranks: Communicator, threads: ThreadPlan? = nil
) throws -> (trainer: Trainer, record: RunRecord) {
  let session = try TrainingSession(experiment.configuration, threads: threads, ranks)
  let trainer = try Trainer(experiment.configuration, model: experiment.model, session)
  return (trainer, try trainer.run(command: "rank check"))
}

func alone(_ world: Communicator) throws -> Communicator { try world.split(color: world.rank)! }

private func compareWithOneRank(_ experiment: ImageRun, _ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let many = try train(experiment, world)
  let one = try train(experiment, alone(world), threads: threads)
  try expectEqual(many.record.updates, one.record.updates, "updates")
  try compareWeights(experiment, many, one)
  let (a, b) = (many.record.epochs.last!.validation!, one.record.epochs.last!.validation!)
  try expect(abs(a.loss - b.loss) < 1e-5 * b.loss, "validation loss \(a.loss), not \(b.loss)")
  for (a, b) in zip(many.record.epochs, one.record.epochs) {
    try expect(abs(a.training.loss - b.training.loss) < 1e-5 * b.training.loss, "training loss of epoch \(a.epoch)")
    try expectEqual(a.ledger.samples, b.ledger.samples, "samples of epoch \(a.epoch)")
  }
}

private func compareWeights(
  _ experiment: ImageRun, _ many: (trainer: Trainer, record: RunRecord), _ one: (trainer: Trainer, record: RunRecord)
) throws {
  if experiment.configuration.execution.summation == .reproducible {
    return try expectEqual(many.record.weightsSHA256, one.record.weightsSHA256, "the hash of the weights")
  }
  let distance = relativeDistance(many.trainer.parameters, one.trainer.parameters)
  try expect(distance < 1e-5, "the weights differ by \(distance)")
}

/// ‖a − b‖ ÷ ‖b‖ in double precision.
func relativeDistance(_ a: Tensor, _ b: Tensor) -> Double {
  var (difference, size) = (0.0, 0.0)
  for (x, y) in zip(a.buffer, b.buffer) {
    difference += Double(x - y) * Double(x - y)
    size += Double(y) * Double(y)
  }
  return (difference / size).squareRoot()
}

private func microbatchesOnlyRound(_ world: Communicator) throws {
  let trained = try [160, 24, 7].map { microBatch in
    try train(
      ImageRun(
        name: "", configuration: run(.mlp(widths: [30], batchNorm: false, dropout: 0.2)) { $0.microBatch = microBatch }),
      world
    ).trainer.parameters
  }
  for other in trained.dropFirst() {
    let distance = relativeDistance(other, trained[0])
    try expect(distance < 1e-5, "the weights differ by \(distance)")
  }
}

private func disagreementIsNamed(_ world: Communicator) throws {
  guard world.size > 1 else { return }
  let configuration = run(.logistic) { $0.seed = world.rank == 1 ? 2 : 1 }
  let error = try expectError(CollectiveError.self) {
    try train(ImageRun(name: "", configuration: configuration), world).record.updates
  }
  try expect("\(error)".contains("rank 1 has another configuration"), "the error says '\(error)'")
}

/// Rank 1 gets its input late, by far more than a busy machine takes for a step; the others must book that as waiting for it, not
/// as moving bytes.
private func slowRankShowsAsWait(_ world: Communicator) throws {
  guard world.size > 1 else { return }
  let configuration = run(.logistic) {
    $0.globalBatch = 24 * world.size
    $0.execution.prefetch = 2
    $0.steps = 6
  }
  let opened = try DatasetPair.open(configuration.data)
  let data = DatasetPair(
    training: Delayed(inner: opened.training, seconds: world.rank == 1 ? 0.2 : 0), validation: opened.validation,
    path: opened.path)
  let record = try Trainer(configuration, TrainingSession(configuration, data: data, world)).run(command: "rank check")
  let (load, wait) = (record.ledger[.load].maximum, record.ledger[.exchangeWait].maximum)
  try expect(load > 0.3, "rank 1 waited for its input for \(load) s only")
  try expect(wait > 0.5 * load, "the others waited \(wait) s for a rank that was late by \(load) s")
  let exposed = record.ledger.exchangeExposed.maximum
  try expect(wait <= exposed, "wait \(wait) s exceeds the exposed exchange of \(exposed) s")
}

private func slowRankGetsFewer(_ world: Communicator) throws {
  let configuration = run(.mlp(widths: [20], batchNorm: true, dropout: 0.1)) {
    $0.globalBatch = 32 * world.size
    $0.microBatch = 8
    $0.steps = 40
    $0.execution.prefetch = 0
    $0.execution.balance = .measured
    $0.execution.summation = .reproducible
  }
  let opened = try DatasetPair.open(configuration.data)
  let data = DatasetPair(
    training: Delayed(inner: opened.training, seconds: world.rank == 1 ? 0.02 : 0), validation: opened.validation,
    path: opened.path)
  let trainer = try Trainer(configuration, TrainingSession(configuration, data: data, world))
  let record = try trainer.run(command: "rank check")
  let shares = trainer.steps?.ranks.map(\.microbatches) ?? []
  if world.size == 1 {
    try expectEqual(shares, [4], "microbatches")
  } else {
    try expect(shares[1] < 4, "rank 1 needs 20 ms more for each of its \(shares[1]) microbatches")
  }
  try expectEqual(shares.reduce(0, +), 4 * world.size, "microbatches of all ranks")
  let threads = try ThreadPlan(requested: nil, world)
  let one = try train(ImageRun(name: "", configuration: configuration), alone(world), threads: threads)
  try expectEqual(record.weightsSHA256, one.record.weightsSHA256, "the hash of the weights")
}

private func sharedArenasBringTheSame(_ world: Communicator) throws {
  try compareArenas(on: world)
  // Groups of two ranks each, which an odd number makes none of.
  guard world.size > 4, let four = try world.split(color: world.rank < 4 ? 0 : 1), world.rank < 4 else { return }
  try compareArenas(on: four)
}

private func compareArenas(on world: Communicator) throws {
  let changes: [(String, (inout RunConfiguration) -> Void)] = [
    ("momentum", { _ in }), ("Adam, clipped", { ($0.optimizer.kind, $0.optimizer.clipNorm) = (.adam, 0.5) }),
    (
      "small buckets behind the backward pass",
      { ($0.execution.overlap, $0.execution.bucketBytes) = (.none, .bytes(4096)) }
    ),
    ("sharpness-aware", { $0.optimizer.sharpnessAware = .init() }),
    ("Adasum", { $0.workers = WorkersConfiguration(count: 2, combine: .adasum) }),
    ("products of bfloat16", { $0.precision = .bfloat16 }),
    ("rounded on the way", { $0.exchangePrecision = .bfloat16 }),
    ("AdamW", { ($0.optimizer.kind, $0.optimizer.weightDecay) = (.adamw, 0.1) }),
    ("LAMB", { $0.optimizer.kind = .lamb }),
    ("distances and noise", { $0.measure = .init(noiseScale: .init(), distances: .init()) }),
    ("steps that are not finite are left out", { $0.divergence = .init(policy: .skip) }),
    (
      "the best weights are kept",
      { ($0.data.validation, $0.evaluation.keep) = (.init(.fraction(0.2), seed: 1), .best) }
    ),
    ("a batch that grows", { $0.batchSchedule = .init(milestones: [1], factor: 2) }),
  ]
  // Sums of three floats and more depend on their order, which MPI has one of its own for.
  for summation in ExecutionConfiguration.Summation.allCases where summation == .reproducible || world.size <= 2 {
    for (name, change) in changes where summation == .fast || name != "rounded on the way" {
      let hashes = try [ExecutionConfiguration.Arenas.private, .shared].map { arenas in
        let configuration = run(.cnn(filters: [3], hidden: 40, batchNorm: true, dropout: 0.1)) {
          $0.globalBatch = 32
          $0.microBatch = 4
          $0.steps = 6
          $0.execution.summation = summation
          $0.execution.arenas = arenas
          change(&$0)
        }
        return try train(ImageRun(name: "", configuration: configuration), world).record.weightsSHA256
      }
      try expectEqual(hashes[1], hashes[0], "\(name), \(summation): the hash of the weights")
    }
  }
}

private func oneCopyOfWeights(_ world: Communicator) throws {
  let configurations = [ExecutionConfiguration.Arenas.private, .shared].map { arenas in
    run(.mlp(widths: [20], batchNorm: true, dropout: 0)) {
      $0.data.limit = 400
      $0.execution.summation = .reproducible
      $0.execution.arenas = arenas
    }
  }
  let threads = try ThreadPlan(requested: nil, world)
  let trainers = try configurations.map { configuration in
    let trainer = try Trainer(configuration, TrainingSession(configuration, threads: threads, world))
    try trainer.train(until: 3)
    return trainer
  }
  let node = try world.splitByNode()
  try expectEqual(trainers.map(\.sharesWeights), [false, try isShareable(world, node)], "one copy of the weights")
  let before = trainers.map(\.parameters.values)
  try expectEqual(before[1], before[0], "weights after three updates")
  let other = Tensor(trainers[0].parameters.shape)
  for index in 0..<other.count { other.pointer[index] = before[0][index] * 0.9 + 0.01 }
  let gradients = try trainers.map { trainer in
    let place = Tensor(other.shape)
    place.copy(from: other)
    let gradient = try trainer.crew.gradient(of: trainer.experiment.step(3), at: place)
    return gradient.mean.arena.values
  }
  try expectEqual(gradients[1], gradients[0], "the gradient at other weights")
  try world.barrier()
  try expectEqual(trainers[1].parameters.values, before[1], "weights after that")
  guard trainers[1].sharesWeights else { return }
  try world.barrier()
  if node.rank == node.size - 1 { trainers[1].parameters.pointer[0] = 7 }
  try world.barrier()
  try expectEqual(trainers[1].parameters.values[0], 7, "what another rank of the host wrote")
}

/// A data set on a slow disk.
private struct Delayed: Dataset {
  let inner: any Dataset
  let seconds: Double
  var name: String { inner.name }
  var count: Int { inner.count }
  var inputShape: Shape { inner.inputShape }
  var classes: Int { inner.classes }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    Thread.sleep(forTimeInterval: seconds)
    try inner.read(samples, into: batch)
  }
}

private func weightsComeBack(_ world: Communicator) throws {
  let experiment = ImageRun(
    name: "", configuration: run(.cnn(filters: [3], hidden: 8, batchNorm: true, dropout: 0)) { $0.steps = 2 })
  let trained = try train(experiment, world)
  let file = FileManager.default.temporaryDirectory
    .appendingPathComponent("rank-check-\(ProcessInfo.processInfo.processIdentifier).safetensors")
  defer { try? FileManager.default.removeItem(at: file) }
  try trained.trainer.saveWeights(to: file)
  let fresh = try Trainer(experiment.configuration, TrainingSession(experiment.configuration, world))
  let differs = fresh.weightsSHA256 != trained.trainer.weightsSHA256
  try expect(differs, "two updates changed nothing")
  try fresh.loadWeights(from: file)
  try expectEqual(fresh.weightsSHA256, trained.record.weightsSHA256, "the hash of the weights")
}
