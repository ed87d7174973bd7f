import ArgumentParser
import Configuration
import Datasets
import Foundation
import Layers
import MessagePassing
import Optimizers
import Training

/// Memory that training large tables takes, against the bytes of what must be kept: weights and the optimiser's state.
/// The model is DeepFM's embedding part, a factorization machine: a table of embeddings and one of width 1.
struct MemoryBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Peak memory of LazyAdam on a large table, against its weights and state.")

  @Option(help: "Rows of each of the two tables.") var rows = 20_000_000
  @Option(help: "Floats of an embedding.") var width = 16
  @Option(help: "Samples of a step, 26 ids each.") var batch = 1024
  @Option var steps = 5
  @Option(help: "Where what is learned lies.") var arenas = ExecutionConfiguration.Arenas.private
  @Option(help: "The largest ratio that is no failure.") var limit = 1.1

  func run() throws {
    try withMessagePassing { world in
      let (before, sharedBefore) = (try ProcessMemory.read(), try ProcessMemory.shared())
      try world.barrier()
      let clock = ContinuousClock()
      let start = clock.now
      let trainer = try trainer(world)
      let making = clock.now - start
      _ = try trainer.run(command: "benchmark")
      let after = try ProcessMemory.read()
      // Programs and libraries only grow: what was there of them at the start was there at the peak.
      let shared = try ProcessMemory.shared() - sharedBefore
      try world.barrier()
      // A segment that ranks of a host share is resident in each of them, and there once.
      let own = try world.allReduce(arenas == .private ? after.peak - before.backed : after.anonymous, .sum)
      let peak = own + (arenas == .private ? 0 : max(shared, 0))
      if world.rank == 0 { try report(bytes(trainer), before, after, peak: peak, ranks: world.size, making: making) }
    }
  }

  private func trainer(_ world: Communicator) throws -> Trainer {
    let model = ClickModelConfiguration(kind: .factorizationMachine, embedding: width)
    var run = RunConfiguration(
      model: .click(model), data: DataConfiguration(path: "made on the fly"), globalBatch: batch * world.size, epochs: 1
    )
    run.tables.optimizer = .lazyAdam
    run.learningRate.base = 1e-3
    run.execution.arenas = arenas == .shared ? arenas : nil
    let data = DatasetPair(
      training: RandomClicks(count: steps * run.globalBatch, tableRows: rows),
      validation: RandomClicks(count: 1, tableRows: rows), path: "made on the fly")
    return try Trainer(run, TrainingSession(run, data: data, world))
  }

  private func bytes(_ trainer: Trainer) -> (weights: Int, state: Int) {
    let optimizer = trainer.configuration.tables.optimizer
    return trainer.layout.tables.map(\.parameter.shape).reduce(into: (0, 0)) { sum, shape in
      sum.weights += 4 * shape.count
      sum.state += 4 * optimizer.stateCount(rows: shape[0], width: shape[1])
    }
  }

  private func report(
    _ bytes: (weights: Int, state: Int), _ before: ProcessMemory, _ after: ProcessMemory, peak: Int, ranks: Int,
    making: Duration
  ) throws {
    let ratio = Double(peak) / Double(bytes.weights + bytes.state)
    func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) * 1e-6) }
    print("tables of \(rows) rows, width \(width) and 1: weights \(megabytes(bytes.weights)), ", terminator: "")
    print("LazyAdam's state \(megabytes(bytes.state))")
    print("anonymous memory: \(megabytes(before.anonymous)) before, ", terminator: "")
    print(
      "\(megabytes(after.anonymous)) after \(steps) steps of a rank; of \(ranks) together \(megabytes(peak)) at the peak"
    )
    print("starting values and memory took \(making)")
    print(String(format: "peak ÷ (weights + state) = %.3f, limit %.2f", ratio, limit))
    if ratio > limit { throw ExitCode.failure }
  }
}
