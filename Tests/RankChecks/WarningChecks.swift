import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import MessagePassing
import Training

/// Runs that learn nothing are told so, with the same words on any number of ranks, whichever of them has the samples that would tell
/// otherwise.
let warningChecks =
  warningRuns.map { run in
    RankCheck("warnings are those of one rank: \(run.name)") { world in try compareWarnings(run, world) }
  } + [RankCheck("a warning is said once, in a run that goes on from a checkpoint too", saidOnce)]

private struct WarningRun: Sendable {
  let name: String
  /// Wanted, in this order.
  let kinds: [LearningWarning.Kind]
  /// In them all.
  var words: [String] = []
  /// Of all samples' inputs.
  var factor: Float = 1
  /// A training sample's label, by the one that it has.
  var relabels: @Sendable (Int32) -> Int32 = { $0 }
  /// Units of the hidden layer that are never active.
  var deadUnits = 0
  /// Two classes, and labels that nothing in the inputs tells.
  var hasRandomLabels = false

  var configuration: RunConfiguration {
    run(deadUnits > 0 || hasRandomLabels ? .custom("warned") : .mlp(widths: [20], batchNorm: false, dropout: 0)) {
      $0.data.limit = 480
      ($0.globalBatch, $0.microBatch, $0.steps, $0.epochs) = (80, 24, nil, 5)
      $0.learningRate.base = 0.02
      $0.execution.summation = .reproducible
    }
  }
}

private let warningRuns = [
  WarningRun(name: "none of a run that learns", kinds: []),
  WarningRun(
    name: "inputs that are all alike", kinds: [.constantPredictions], words: ["test samples are taken for class"],
    factor: 0),
  WarningRun(
    name: "a class without a training sample", kinds: [.missingClasses],
    words: ["1 of 10 classes has no training sample (7), and test samples have them"], relabels: { $0 == 7 ? 3 : $0 }),
  WarningRun(
    name: "one class for all training samples", kinds: [.constantPredictions, .missingClasses],
    words: ["9 of 10 classes have no training sample"], relabels: { _ in 4 }),
  WarningRun(name: "half of a layer is dead", kinds: [], deadUnits: 10),
  WarningRun(
    name: "more than half of a layer is dead", kinds: [.deadUnits], words: ["11 of 20 units of relu1"], deadUnits: 11),
  WarningRun(
    name: "labels by chance", kinds: [.chance], words: ["area under the curve of the test samples"],
    hasRandomLabels: true),
]

extension WarningRun {
  fileprivate func trainer(
    _ ranks: Communicator, _ threads: ThreadPlan, resuming checkpoint: Checkpoint? = nil,
    _ change: (inout RunConfiguration) -> Void = { _ in }
  ) throws -> Trainer {
    var configuration = configuration
    change(&configuration)
    func changed(_ dataset: any Dataset, _ relabels: @escaping @Sendable (Int32) -> Int32) -> any Dataset {
      let factor = factor
      return Relabelled(
        inner: Scaled(inner: dataset) { _ in factor }, isRandom: hasRandomLabels, relabels: relabels)
    }
    var layers: [any Layer]?
    if case .custom = configuration.model {
      layers = [Flatten(), Dense(20), Sink(units: deadUnits), ReLU(), Dense(hasRandomLabels ? 1 : 10)]
    }
    return try madeUpTrainer(
      configuration, ranks, threads, resuming: checkpoint, layers: layers,
      loss: hasRandomLabels ? BinaryCrossEntropy() as any Loss : SoftmaxCrossEntropy(),
      training: { changed($0, relabels) }, validation: { changed($0) { $0 } })
  }
}

private func compareWarnings(_ run: WarningRun, _ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  var notices: [String] = []
  let many = try run.trainer(world, threads).run(command: "") {
    if case .notice(let words) = $0 { notices.append(words) }
  }
  let one = try run.trainer(alone(world), threads).run(command: "")
  try expectEqual(many.weightsSHA256, one.weightsSHA256, "the hash of the weights")
  try expectEqual(many.warnings, one.warnings, "warnings")
  // An input that is always 0 leaves units whose bias is below 0 dead.
  let found = (many.warnings ?? []).filter { run.factor != 0 || $0.kind != .deadUnits }
  try expectEqual(Set(found.map(\.kind)), Set(run.kinds), "kinds of warnings")
  try expectEqual(found.count, run.kinds.count, "warnings")
  for words in run.words { try expect(found.contains { $0.words.contains(words) }, "no '\(words)' in \(found)") }
  guard world.rank == 0 else { return }
  for warning in found {
    let said = notices.filter { $0 == "after epoch \(warning.epoch): \(warning.words)" }
    try expectEqual(said.count, 1, "how often '\(warning.words)' is said")
  }
}

private func saidOnce(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let run = WarningRun(name: "", kinds: [.missingClasses], relabels: { $0 == 7 ? 3 : $0 })
  try withFolder(world) { folder in
    try stop(run.trainer(world, threads) { $0.checkpoint = .init(.steps(20)) }, world, in: folder, after: 21)
    let checkpoint = try Checkpoint.newest(in: folder, world) { print($0) }
    try expectEqual(checkpoint?.updates, 20, "updates of the checkpoint")
    var notices: [String] = []
    let record = try run.trainer(world, threads, resuming: checkpoint).run(command: "") {
      if case .notice(let words) = $0 { notices.append(words) }
    }
    try expectEqual(record.warnings?.map(\.kind), [.missingClasses], "kinds of warnings")
    try expectEqual(record.warnings?.map(\.epoch), [1], "epochs of warnings")
    try expect(!notices.contains { $0.contains("no training sample") }, "said again: \(notices)")
  }
}

private struct Relabelled: Dataset {
  let inner: any Dataset
  let isRandom: Bool
  let relabels: @Sendable (Int32) -> Int32
  var name: String { inner.name }
  var count: Int { inner.count }
  var inputShape: Shape { inner.inputShape }
  var classes: Int { isRandom ? 2 : inner.classes }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    try inner.read(samples, into: batch)
    for (row, sample) in samples.enumerated() {
      // The top bit of a multiplicative hash.
      let random = Int32((UInt32(truncatingIfNeeded: sample) &* 2_654_435_769) >> 31)
      batch.labels[row] = isRandom ? random : relabels(batch.labels[row])
    }
  }
}

/// Takes so much from the first units that nothing behind a ReLU is left of them.
private struct Sink: Layer {
  let units: Int
  var kind: String { "sink" }
  func outputShape(for input: Shape) throws -> Shape { input }
  func parameters(named name: String, for input: Shape) -> [Parameter] { [] }
  func bind(_ binding: LayerBinding) -> any BoundLayer { BoundSink(units: units) }
}

private final class BoundSink: BoundLayer {
  private let units: Int

  init(units: Int) { self.units = units }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    let width = input.count / pass.rows
    for index in input.buffer.indices {
      output.buffer[index] = input.buffer[index] - (index % width < units ? 1e6 : 0)
    }
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    inputGradient?.copy(from: outputGradient)
  }
}
