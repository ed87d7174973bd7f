import Batches
import Buffers
import Configuration
import Datasets
import MessagePassing
import Training

/// Experiments for `TrainingChecks`: a loss that sees the whole global batch gives the same on any number of ranks.
let contrastiveExperiments: [ImageRun] = [
  ImageRun(
    name: "contrastive: mlp, dropout", configuration: contrastive(.mlp(widths: [30], batchNorm: false, dropout: 0.2))),
  ImageRun(
    name: "contrastive: cnn, local negatives across microbatches, LARS",
    configuration: contrastive(.cnn(filters: [4], hidden: 20, batchNorm: false, dropout: 0)) {
      $0.contrastive?.negatives = 32
      $0.optimizer.kind = .lars
      $0.learningRate.base = 1
    }),
  ImageRun(
    name: "contrastive: residual blocks, group norm, Adam",
    configuration: contrastive(.layers(groupedBlock)) {
      $0.globalBatch = 96
      $0.optimizer.kind = .adam
      $0.learningRate.base = 1e-3
    }),
  ImageRun(
    name: "contrastive: batch norm over the whole batch, one rank works",
    configuration: contrastive(.mlp(widths: [20], batchNorm: true, dropout: 0)) {
      $0.globalBatch = 128
      $0.microBatch = 128
      $0.learningRate.base = 0.01
    }),
  ImageRun(
    name: "contrastive, ragged: 1,250 samples, batches of 500, microbatches of 96, more columns than a tile",
    configuration: contrastive(.mlp(widths: [20], batchNorm: false, dropout: 0)) {
      $0.data.limit = 1250
      $0.globalBatch = 500
      $0.microBatch = 96
    }),
]

/// What is said of single gradients, of figures and of the exchange.
let contrastChecks = [
  RankCheck("a contrastive gradient is that of the loss, as ranks together see it", gradientIsOfTheLoss),
  RankCheck("contrastive gradients and losses of ranks are one rank's", contrastOfRanks),
  RankCheck("contrastive microbatches change nothing but rounding", contrastMicrobatches),
  RankCheck("negatives are a property of the experiment", negativesMatter),
  RankCheck("projections that are exchanged are counted, and waited for", projectionsAreCounted),
  RankCheck("neighbours and a linear probe are the same on any ranks", representationsOfRanks),
  RankCheck("contrastive batches of one and leaking norms are refused", contrastRefusals),
]

private func contrastive(
  _ model: ModelConfiguration, _ change: (inout RunConfiguration) -> Void = { _ in }
) -> RunConfiguration {
  run(model) {
    $0.data.limit = 600
    $0.data.augmentation = AugmentationConfiguration(
      shift: 3, mirror: true, crop: AugmentationConfiguration.Crop(area: [0.4, 1]), noise: 0.1)
    $0.contrastive = ContrastiveConfiguration(head: [16, 8], neighbours: 5, references: 300)
    change(&$0)
  }
}

private let groupedBlock: [LayerConfiguration] = {
  func convolution(_ stride: Int) -> LayerConfiguration {
    .init(.convolution(filters: 4, kernel: 3, stride: stride, padding: 1, bias: false))
  }
  return [
    convolution(2), .init(.groupNorm(groups: 2)), .init(.relu),
    .init(.residual(layers: [convolution(1), .init(.groupNorm(groups: 2))], projection: [])), .init(.relu),
    .init(.globalAveragePool), .init(.dense(width: .classes)),
  ]
}()

private let plain = contrastive(.mlp(widths: [20], batchNorm: false, dropout: 0.2))

/// A gradient of a step with the loss's sums over all ranks, and what the ledger says of it.
private func contrast(
  _ configuration: RunConfiguration, _ ranks: Communicator, _ threads: ThreadPlan? = nil,
  at change: (Tensor) -> Void = { _ in }
) throws -> (gradient: [Double], loss: Double, right: Double, samples: Double) {
  let trainer = try Trainer(configuration, TrainingSession(configuration, threads: threads, ranks))
  change(trainer.parameters)
  let step = try trainer.crew.gradient(of: trainer.experiment.step(0), at: trainer.parameters)
  let sums = step.sums
  let totals = try [sums.loss, sums.correct, sums.weight, Double(sums.samples)].map { try ranks.allReduce($0, .sum) }
  return (step.mean.arena.buffer.map(Double.init), totals[0] / totals[2], totals[1], totals[3])
}

private func relative(_ a: [Double], _ b: [Double]) -> Double {
  let (difference, size) = zip(a, b).reduce((0.0, 0.0)) { ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.1 * $1.1) }
  return (difference / size).squareRoot()
}

/// Gathered projections that were cut off from the gradient would give half of it.
private func gradientIsOfTheLoss(_ world: Communicator) throws {
  for negatives in [nil, 32] {
    var configuration = plain
    configuration.contrastive?.negatives = negatives
    let here = try contrast(configuration, world)
    let size = here.gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Along the gradient the loss grows by its length.
    let step = 1e-3
    func loss(_ sign: Double) throws -> Double {
      try contrast(configuration, world) { weights in
        for index in here.gradient.indices { weights.buffer[index] += Float(sign * step * here.gradient[index] / size) }
      }.loss
    }
    let slope = try (loss(1) - loss(-1)) / (2 * step)
    try expect(abs(slope - size) < 0.01 * size, "the loss grows by \(slope), the gradient is \(size) long")
    try expectEqual(here.samples, 160, "samples")
  }
}

private func contrastOfRanks(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  // As many microbatches as make uneven shares, and one that leaves ranks without.
  for (microBatch, negatives) in [(24, nil), (24, 32), (160, nil), (50, 16)] as [(Int, Int?)] {
    for summation in ExecutionConfiguration.Summation.allCases {
      var configuration = plain
      configuration.microBatch = microBatch
      configuration.contrastive?.negatives = negatives
      configuration.execution.summation = summation
      let many = try contrast(configuration, world, threads)
      let one = try contrast(configuration, alone(world), threads)
      let words = "microbatches of \(microBatch), \(summation.rawValue)"
      try expect(abs(many.loss - one.loss) < 1e-12 * one.loss, "\(words): the loss is \(many.loss), not \(one.loss)")
      try expectEqual(many.right, one.right, "\(words): views that found their positive")
      if summation == .reproducible {
        try expectEqual(many.gradient, one.gradient, "\(words): the gradient")
      } else {
        let difference = relative(many.gradient, one.gradient)
        try expect(difference < 1e-5, "\(words): the gradient differs by \(difference)")
      }
    }
  }
}

private func contrastMicrobatches(_ world: Communicator) throws {
  let found = try [160, 24, 7].map { microBatch in
    var configuration = plain
    configuration.microBatch = microBatch
    return try contrast(configuration, world)
  }
  for other in found.dropFirst() {
    try expect(abs(other.loss - found[0].loss) < 1e-6 * found[0].loss, "the loss is \(other.loss)")
    let difference = relative(other.gradient, found[0].gradient)
    try expect(difference < 1e-5, "the gradient differs by \(difference)")
  }
}

private func negativesMatter(_ world: Communicator) throws {
  let found = try [nil, 80, 16].map { negatives in
    var configuration = plain
    configuration.contrastive?.negatives = negatives
    return try contrast(configuration, world)
  }
  // The more there is to choose from, the harder; about log 2 for a factor of 2.
  try expect(
    found[0].loss > found[1].loss + 0.3 && found[1].loss > found[2].loss + 0.8, "losses are \(found.map(\.loss))")
  try expect(relative(found[0].gradient, found[2].gradient) > 0.01, "the gradient is the same with other negatives")
}

private func projectionsAreCounted(_ world: Communicator) throws {
  var configuration = plain
  configuration.globalBatch = 24 * world.size
  configuration.steps = 3
  let trainer = try Trainer(configuration, TrainingSession(configuration, world))
  let record = try trainer.run(command: "")
  let gradients = 3 * trainer.crew.exchange.bytesPerStep
  // For each of a rank's samples two projections of eight floats, and two sums.
  let projections = world.size > 1 ? 3 * 24 * 2 * (8 + 1) * 4 : 0
  try expectEqual(record.ledger.exchangedBytes, gradients + projections, "bytes")
  try expectEqual(
    record.ledger.exchangedMessages, 3 * (trainer.crew.exchange.messagesPerStep + (world.size > 1 ? 2 : 0)), "messages")
  let steps = trainer.steps?.ranks.count ?? 0
  try expectEqual(steps, world.size, "ranks with an account of their steps")
  if world.size > 1 { try expect(record.ledger.exchangeTotal.minimum > 0, "no time of the exchange is booked") }
}

private func representationsOfRanks(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  var configuration = plain
  configuration.execution.summation = .reproducible
  configuration.data.validation = ValidationConfiguration(.count(100))
  func record(_ ranks: Communicator) throws -> RunRecord {
    try Trainer(configuration, TrainingSession(configuration, threads: threads, ranks)).run(command: "")
  }
  let (many, one) = (try record(world), try record(alone(world)))
  try expectEqual(many.probe, one.probe, "the probe")
  try expectEqual(
    many.epochs.map(\.validation?.accuracy), one.epochs.map(\.validation?.accuracy), "neighbours' accuracy")
  try expectEqual(many.finalTest?.accuracy, one.finalTest?.accuracy, "neighbours' accuracy on the test set")
  let probe = many.probe
  try expectEqual(probe?.references, 300, "references")
  try expect(probe.map { $0.accuracy > 0.4 && $0.testAccuracy ?? 0 > 0.4 } ?? false, "the probe is \(probe as Any)")
}

private func contrastRefusals(_ world: Communicator) throws {
  func problem(_ change: (inout RunConfiguration) -> Void) throws -> String {
    var configuration = plain
    change(&configuration)
    return
      "\(try expectError(CollectiveError.self) { try Trainer(configuration, TrainingSession(configuration, world)).updates })"
  }
  let single = try problem { $0.globalBatch = 1 }
  try expect(single.contains("a contrastive batch of one"), single)
  // 600 samples in batches of 599.
  let left = try problem { $0.globalBatch = 599 }
  try expect(left.contains("left alone in a contrastive batch of one"), left)
  let norm = try problem { $0.model = .mlp(widths: [20], batchNorm: true, dropout: 0) }
  try expect(norm.contains("give away which samples belong together"), norm)
  let residual = try problem { $0.model = .resnet(depth: 8, width: 1) }
  try expect(residual.contains("model.normalization group or none"), residual)
}
