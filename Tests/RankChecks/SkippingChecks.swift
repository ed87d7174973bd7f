import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import MessagePassing
import Training

/// Steps whose loss or gradient is not finite, left out where `divergence.policy` is skip: by all ranks alike, whichever of them has
/// the sample at fault.
let skippingChecks =
  skippingRuns.map { run in
    RankCheck("a step that is not finite is left out as on one rank: \(run.name)") { world in
      try compareSkipping(run, world)
    }
  } + [
    RankCheck("a step that is left out changes no weight and nothing that is remembered", leavesStateAlone),
    RankCheck("where all steps are finite, looking at them changes no bit", changesNothingElse),
    RankCheck("too many steps in a row that are not finite end every rank alike", limitEndsAlike),
    RankCheck("a run goes on from a checkpoint behind a step that was left out: the same bits", resumesBehindSkipped),
  ]

private struct SkippingRun: Sendable {
  let name: String
  let configuration: RunConfiguration
  /// Of the inputs of one sample in a hundred.
  var factor = Float.infinity
  /// Makes the gradient of such a sample infinite where its loss is not.
  var traps = false
}

/// Ten steps of a batch of 160 in epochs of three: the one with sample 37 is not finite.
private func skipping(
  _ name: String, factor: Float = .infinity, traps: Bool = false, _ change: (inout RunConfiguration) -> Void = { _ in }
) -> SkippingRun {
  SkippingRun(
    name: name,
    configuration: run(traps ? .custom("trap") : .mlp(widths: [20], batchNorm: false, dropout: 0.2)) {
      $0.data.limit = 400
      $0.learningRate.base = 1e-3
      $0.optimizer.kind = .adam
      $0.execution.summation = .reproducible
      $0.divergence = .init(policy: .skip)
      change(&$0)
    }, factor: factor, traps: traps)
}

private let skippingRuns = [
  skipping("loss"),
  skipping("loss, as floats in several buckets") {
    $0.execution.summation = .fast
    $0.optimizer = .init(kind: .sgd)
    $0.execution.bucketBytes = .bytes(4096)
  },
  skipping("loss, batch norm's statistics") { $0.model = .mlp(widths: [20], batchNorm: true, dropout: 0) },
  skipping("gradient", factor: 1e6, traps: true),
  skipping("gradient, as floats in several buckets", factor: 1e6, traps: true) {
    $0.execution.summation = .fast
    $0.optimizer = .init(kind: .sgd)
    $0.execution.bucketBytes = .bytes(4096)
  },
  skipping("gradient, clipped", factor: 1e6, traps: true) { $0.optimizer.clipNorm = 0.5 },
  skipping("gradient, whose noise is measured", factor: 1e6, traps: true) {
    $0.measure = .init(noiseScale: .init(everySteps: 1), distances: .init())
  },
  skipping("gradient, sharpness-aware", factor: 1e6, traps: true) { $0.optimizer.sharpnessAware = .init() },
  skipping("loss, sharpness-aware by microbatch") { $0.optimizer.sharpnessAware = .init(by: .microbatch) },
  skipping("gradient, Adasum", factor: 1e6, traps: true) { $0.workers = .init(count: 4, combine: .adasum) },
  skipping("half-lives in samples") { $0.optimizer.halfLife = .samples },
]

extension SkippingRun {
  fileprivate func trainer(
    _ ranks: Communicator, _ threads: ThreadPlan, resuming checkpoint: Checkpoint? = nil,
    _ change: (inout RunConfiguration) -> Void = { _ in }
  ) throws -> Trainer {
    var configuration = configuration
    change(&configuration)
    let factor = factor
    return try madeUpTrainer(
      configuration, ranks, threads, resuming: checkpoint,
      layers: traps ? [Flatten(), Dense(20), GradientTrap(), ReLU(), Dense(10)] : nil,
      training: { Scaled(inner: $0) { $0 % 400 == 37 ? factor : 1 } })
  }
}

private func compareSkipping(_ run: SkippingRun, _ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  var notices: [String] = []
  let trainer = try run.trainer(world, threads)
  let many = try trainer.run(command: "") { if case .notice(let notice) = $0 { notices.append(notice) } }
  let aloneTrainer = try run.trainer(alone(world), threads)
  let one = try aloneTrainer.run(command: "")
  try expectEqual(many.outcome, .completed, "the outcome")
  try expectEqual(many.updates, 10, "updates")
  let skipped = many.skippedSteps ?? []
  // One in each epoch of three steps; the last epoch has only one of them.
  try expect((3...4).contains(skipped.count), "\(skipped)")
  try expect(skipped.allSatisfy { $0.place?.contains("first in") ?? (run.configuration.workers != nil) }, "\(skipped)")
  try expectEqual(many.skippedSteps, one.skippedSteps, "what was left out")
  try expect(many.epochs.allSatisfy { $0.training.loss.isFinite && $0.training.loss > 0 }, "training losses")
  try expectEqual(many.epochs.map(\.ledger.samples), one.epochs.map(\.ledger.samples), "samples")
  try expectEqual(many.distances?.updates, one.distances?.updates, "updates whose distances are noted")
  try expect(many.noiseAtStart?.dense.trace.isFinite ?? true, "the noise")
  if run.configuration.execution.summation == .reproducible {
    try expectEqual(many.weightsSHA256, one.weightsSHA256, "the hash of the weights")
  } else {
    let distance = relativeDistance(trainer.parameters, aloneTrainer.parameters)
    try expect(distance < 1e-5, "the weights differ by \(distance)")
  }
  guard world.rank == 0 else { return }
  let first = notices.filter { $0.contains("is left out") }
  try expect(first.count == 1 && first[0].hasPrefix("step \(skipped[0].update) is left out"), "\(notices)")
}

private func leavesStateAlone(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let run = skipping("") { $0.model = .mlp(widths: [20], batchNorm: true, dropout: 0) }
  let whole = try run.trainer(world, threads).run(command: "")
  let skipped = Set((whole.skippedSteps ?? []).map(\.update))
  let trainer = try run.trainer(world, threads)
  for update in 1...10 {
    let before = trainer.state.arrays.map { Array($0.tensor.buffer) }
    try trainer.train(until: update)
    try expectEqual(trainer.updates, update, "updates")
    let isSame = trainer.state.arrays.map { Array($0.tensor.buffer) } == before
    try expectEqual(isSame, skipped.contains(update), "whether update \(update) changed nothing")
  }
}

private func changesNothingElse(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let run = SkippingRun(name: "", configuration: skipping("").configuration, factor: 1)
  let looked = try run.trainer(world, threads).run(command: "")
  let plain = try run.trainer(world, threads) { $0.divergence = nil }.run(command: "")
  try expectEqual(looked.weightsSHA256, plain.weightsSHA256, "the hash of the weights")
  try expect(looked.skippedSteps == nil && plain.skippedSteps == nil, "steps were left out")
}

private func limitEndsAlike(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  // The first update makes weights of which no loss is finite.
  let run = SkippingRun(
    name: "",
    configuration: skipping("") {
      $0.divergence = .init(policy: .skip, limit: 4)
      $0.optimizer = .init(kind: .sgd)
      $0.learningRate.base = 1e36
      $0.learningRate.warmUpEpochs = 0
    }.configuration, factor: 1)
  let many = try run.trainer(world, threads).run(command: "")
  let one = try run.trainer(alone(world), threads).run(command: "")
  try expectEqual(many.skippedSteps, one.skippedSteps, "what was left out")
  try expectEqual(many.skippedSteps?.count, 4, "steps that were left out")
  guard case .diverged(let step, _, let reason) = many.outcome, case .diverged(let ownStep, _, let own) = one.outcome
  else { throw FailedExpectation(description: "'\(many.outcome)' on all ranks, '\(one.outcome)' on one") }
  try expectEqual(step, ownStep, "the step")
  try expectEqual(reason, own, "the reason")
  try expect(reason.contains("was not in 4 steps before it (divergence.limit)"), reason)
}

private func resumesBehindSkipped(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let run = skipping("") {
    $0.checkpoint = .init(.steps(7))
    $0.optimizer.halfLife = .samples
  }
  let expected = try run.trainer(world, threads) { $0.checkpoint = nil }.run(command: "")
  try withFolder(world) { folder in
    try stop(run.trainer(world, threads), world, in: folder, after: 8)
    // On all ranks, and on each alone.
    for ranks in [world, try alone(world)] {
      let checkpoint = try Checkpoint.newest(in: folder, ranks) { print($0) }
      try expectEqual(checkpoint?.updates, 7, "updates of the checkpoint")
      let record = try run.trainer(ranks, threads, resuming: checkpoint).run(command: "")
      try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
      try expectEqual(record.skippedSteps, expected.skippedSteps, "what was left out")
      try expect(expected.skippedSteps?.contains { $0.update <= 7 } == true, "none before the checkpoint")
    }
  }
}

/// Nothing, and the gradient of a sample whose values are out of all proportion is infinite.
private struct GradientTrap: Layer {
  var kind: String { "trap" }
  func outputShape(for input: Shape) throws -> Shape { input }
  func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  func bind(_ binding: LayerBinding) -> any BoundLayer { BoundGradientTrap() }
}

private final class BoundGradientTrap: BoundLayer {
  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) { output.copy(from: input) }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    guard let inputGradient else { return }
    for index in input.buffer.indices {
      inputGradient.buffer[index] = abs(input.buffer[index]) > 1e3 ? .infinity : outputGradient.buffer[index]
    }
  }
}
