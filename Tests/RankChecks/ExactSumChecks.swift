import Batches
import Buffers
import Configuration
import Datasets
import MessagePassing
import Training

/// A term that reproducible sums cannot add up exactly, or that is no number, ends a run with the same words on any
/// number of ranks.
let exactSumChecks = [
  // Opposite and huge beside ordinary ones: sums of doubles would differ in their last bits.
  RankCheck("gradients beyond exact sums end every rank alike") { world in
    let record = try expectSameEnding(.reproducible, { $0 % 50 == 0 ? 1e9 : $0 % 50 == 1 ? -1e9 : 1 }, world)
    try expect("\(record.outcome)".contains("reproducible sums"), "the outcome is '\(record.outcome)'")
    try expectEqual(record.updates, 0, "updates")
  },
  RankCheck("inputs that are not finite end every rank alike") { world in
    for summation in ExecutionConfiguration.Summation.allCases {
      for value in [Float.infinity, -.infinity, .nan] {
        let record = try expectSameEnding(summation, { $0 == 3 ? value : 1 }, world)
        try expect("\(record.outcome)".contains("not finite"), "the outcome is '\(record.outcome)'")
      }
    }
  },
]

/// - Parameter factor: of a sample's inputs, by its number.
private func expectSameEnding(
  _ summation: ExecutionConfiguration.Summation, _ factor: @escaping @Sendable (Int) -> Float, _ world: Communicator
) throws -> RunRecord {
  let threads = try ThreadPlan(requested: nil, world)
  let many = try train(summation, factor, world, threads)
  let one = try train(summation, factor, world.split(color: world.rank)!, threads)
  guard case .diverged(let step, _, let reason) = many.outcome, case .diverged(let ownStep, _, let own) = one.outcome
  else { throw FailedExpectation(description: "'\(many.outcome)' on all ranks, '\(one.outcome)' on one") }
  try expectEqual(step, ownStep, "the step")
  try expectEqual(reason, own, "the reason")
  return many
}

private func train(
  _ summation: ExecutionConfiguration.Summation, _ factor: @escaping @Sendable (Int) -> Float, _ ranks: Communicator,
  _ threads: ThreadPlan
) throws -> RunRecord {
  var configuration = RunConfiguration(
    model: .logistic, data: DataConfiguration(path: "launch/data/fashion-mnist-subset"), globalBatch: 160,
    microBatch: 24, epochs: 2)
  configuration.data.limit = 480
  configuration.execution.summation = summation
  let opened = try DatasetPair.open(configuration.data)
  let data = DatasetPair(
    training: Scaled(inner: opened.training, factor: factor), validation: opened.validation, path: opened.path)
  return try Trainer(configuration, TrainingSession(configuration, data: data, threads: threads, ranks))
    .run(command: "rank check")
}

/// A data set with some samples out of all proportion.
struct Scaled: Dataset {
  let inner: any Dataset
  let factor: @Sendable (Int) -> Float
  var name: String { inner.name }
  var count: Int { inner.count }
  var inputShape: Shape { inner.inputShape }
  var classes: Int { inner.classes }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    try inner.read(samples, into: batch)
    let width = inputShape.count
    for (row, sample) in samples.enumerated() {
      for index in row * width..<(row + 1) * width { batch.inputs.buffer[index] *= factor(sample) }
    }
  }
}
