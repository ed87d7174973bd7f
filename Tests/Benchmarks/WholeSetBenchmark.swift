import ArgumentParser
import Buffers
import Foundation
import Landscape
import Measurement
import MessagePassing
import Training

/// Loss and gradient of the whole training set against an epoch of training on it.
struct WholeSetBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whole-set",
    abstract: "Throughput of the whole training set's loss and gradient, as a ratio to a training epoch's.")

  @Option var model = BenchmarkModel.mlp
  @Option(help: "Samples of each rank in each step of the epoch.") var localBatch = 512
  @Option(help: "Steps of an epoch.") var steps = 40
  @Option(help: "Pairs of an epoch and a gradient.") var rounds = 9

  func run() throws {
    try withMessagePassing { world in
      let times = try PairedTimes(rounds: rounds) {
        try epochSeconds(world)
      } own: {
        try gradientSeconds(world)
      }
      guard world.rank == 0 else { return }
      let samples = Double(localBatch * steps * world.size)
      print(
        String(
          format: "%@, %d ranks: epoch %.0f samples/s, whole-set loss and gradient %.3f times as many (spread %.3f)",
          model.rawValue, world.size, samples / times.referenceMedian, 1 / times.ratio, times.spread))
    }
  }

  /// Two epochs, of which the second counts.
  private func trainer(epochs: Int, _ world: Communicator) throws -> Trainer {
    try model.trainer(rows: localBatch, steps: epochs * steps, stepsPerEpoch: steps, tableRows: 100_000, world)
  }

  private func epochSeconds(_ world: Communicator) throws -> Double {
    try trainer(epochs: 2, world).run(command: "benchmark").epochs.last?.seconds ?? 0
  }

  /// The second gradient: the first one warms up as the first epoch does.
  private func gradientSeconds(_ world: Communicator) throws -> Double {
    let trainer = try trainer(epochs: 1, world).ofWholeSet(statistics: .running, rows: localBatch, seed: 0)
    let objective = WholeSetObjective(trainer.crew, statistics: .running)
    let gradient = Tensor(Shape(objective.layout.count))
    _ = try objective.gradient(at: trainer.parameters, into: gradient)
    try world.barrier()
    let start = MonotonicClock.now()
    _ = try objective.gradient(at: trainer.parameters, into: gradient)
    return Double(MonotonicClock.now() - start) * 1e-9
  }
}
