import Batches
import Buffers
import Configuration
import Datasets
import Glibc
import MessagePassing
import Training

/// Ways for a job to fail, which `launch/rank-checks` looks at from outside: each must end all ranks with one message.
///
/// - Parameter ending: `alone`, `together`, `in-part`, `apart` or `asked`.
func end(_ ending: String, on world: Communicator) throws {
  let last = world.size - 1
  switch ending {
  case "alone":
    if world.rank == last { throw FailedExpectation(description: "failed alone") }
    try world.barrier()
  case "together":
    try world.agree { if world.rank == last { throw FailedExpectation(description: "failed together") } }
  case "in-part":
    // All but rank 0, which waits for them.
    let part = try world.split(color: world.rank == 0 ? nil : 0)
    try part?.agree { throw FailedExpectation(description: "failed in part") }
    try world.barrier()
  case "apart":
    // Calls that wait for each other for ever.
    if world.rank == 0 { _ = try world.allReduce(1, .sum) } else { _ = try world.broadcast([1], root: 0) }
  case "asked":
    let words = try endInEvaluation(world)
    try world.agree { throw FailedExpectation(description: words) }
  default:
    throw FailedExpectation(description: "no ending is called \(ending)")
  }
}

/// A signal in the midst of the last evaluation asks the last rank alone to stop: all do, and the run is no completed one.
private func endInEvaluation(_ world: Communicator) throws -> String {
  var configuration = RunConfiguration(
    model: .logistic, data: DataConfiguration(path: "made up"), globalBatch: 64, epochs: 1)
  configuration.steps = 2
  let signalled = Zeros(count: 10_000_000, isSignal: world.rank == world.size - 1)
  let data = DatasetPair(training: Zeros(count: 640, isSignal: false), validation: signalled, path: "made up")
  let record = try Trainer(configuration, TrainingSession(configuration, data: data, world)).run(command: "")
  try expect(record.outcome == .interrupted(step: 2), "the outcome is \(record.outcome)")
  try expect(record.epochs.last.map { $0.validation == nil } ?? false, "there is a validation")
  return "stopped in its evaluation"
}

private struct Zeros: Dataset {
  let name = "zeros"
  let count: Int
  /// Reading sends the process a signal.
  let isSignal: Bool
  let inputShape = Shape(2)
  let classes = 2

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) {
    if isSignal { kill(getpid(), SIGUSR1) }
    batch.inputs.fill(0)
    for row in samples.indices { batch.labels[row] = 0 }
  }
}
