import ArgumentParser
import Configuration
import Foundation
import Measurement
import MessagePassing
import Training

/// Steps of rules for large batches against steps of descent with momentum, in turn.
struct RuleBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Step times of LARS, LAMB, AdamW, SAM and workers over those of SGD with momentum.")

  @Option var model = BenchmarkModel.mlp
  @Option(help: "Samples of each rank in each step.") var localBatch = 512
  @Option(help: "Samples of a unit of work.") var microBatch = 128
  @Option(help: "Steps of each turn.") var steps = 20
  @Option(help: "Turns of each rule.") var rounds = 15

  private typealias Change = (inout RunConfiguration) -> Void
  private var rules: [(name: String, change: Change)] {
    [
      ("sgd again", { _ in }),
      ("divergence skip", { $0.divergence = .init(policy: .skip) }),
      ("adamw", { $0.optimizer = OptimizerConfiguration(kind: .adamw) }),
      ("lars", { $0.optimizer = OptimizerConfiguration(kind: .lars, trust: 0.001, weightDecay: 1e-4) }),
      ("lamb", { $0.optimizer = OptimizerConfiguration(kind: .lamb, weightDecay: 0.01) }),
      ("sam, global", { $0.optimizer.sharpnessAware = .init(by: .global) }),
      ("sam, microbatch", { $0.optimizer.sharpnessAware = .init(by: .microbatch) }),
      ("adasum of 4", { $0.workers = .init(count: 4, combine: .adasum) }),
      ("4 by themselves", { $0.workers = .init(count: 4, combine: .average, localSteps: 16, from: 0) }),
    ]
  }

  func run() throws {
    try withMessagePassing { world in
      if world.rank == 0 { print("\(model.rawValue), \(localBatch) samples on each of \(world.size) ranks") }
      for rule in rules {
        let plain = try Turns(trainer({ _ in }, world), world, steps: steps)
        let own = try Turns(trainer(rule.change, world), world, steps: steps)
        let times = try PairedTimes(rounds: rounds, reference: plain.next, own: own.next)
        guard world.rank == 0 else { continue }
        print(
          String(
            format: "%@ %.2f ms a step, sgd %.2f ms: %.3f times (half of the rounds within %.3f)",
            rule.name.padding(toLength: 16, withPad: " ", startingAt: 0), times.ownMedian * 1e3,
            times.referenceMedian * 1e3, times.ratio, times.spread))
      }
    }
  }

  private func trainer(_ change: Change, _ world: Communicator) throws -> Trainer {
    var (run, data) = model.experiment(
      rows: localBatch, microBatch: microBatch, steps: steps * (rounds + 1), stepsPerEpoch: steps, ranks: world.size)
    change(&run)
    return try Trainer(run, TrainingSession(run, data: data, world))
  }
}

/// A run, some steps at a time.
private struct Turns {
  let trainer: Trainer
  let world: Communicator
  let steps: Int

  /// After one turn, which prepares what later ones reuse.
  init(_ trainer: Trainer, _ world: Communicator, steps: Int) throws {
    (self.trainer, self.world, self.steps) = (trainer, world, steps)
    _ = try next()
  }

  /// Seconds a step of the slowest rank, evaluation of a single sample with it.
  func next() throws -> Double {
    try world.barrier()
    let start = MonotonicClock.now()
    try trainer.train(until: trainer.updates + steps)
    let seconds = Double(MonotonicClock.now() - start) * 1e-9 / Double(steps)
    return try world.allReduce(seconds, .maximum)
  }
}
