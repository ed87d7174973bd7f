import ArgumentParser
import Configuration
import Datasets
import Glibc
import MessagePassing
import Training

/// The cost of looking, in an evaluation, for signs of a model that learns nothing.
struct SignsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signs",
    abstract: "What an evaluation takes that looks for dead units and constant predictions, over one that does not.")

  @Option var model = BenchmarkModel.mlp
  @Option(help: "Samples of each rank.") var samples = 4096
  @Option(help: "Samples of a unit of work.") var microBatch = 256
  @Option(help: "Pairs of evaluations.") var rounds = 25
  @Flag(help: "With all weights 0, so that every unit is dead.") var dead = false

  func run() throws {
    try withMessagePassing { world in
      let (run, data) = model.experiment(
        rows: samples, microBatch: microBatch, steps: 1, stepsPerEpoch: 1, ranks: world.size)
      let trainer = try Trainer(run, TrainingSession(run, data: data, world))
      if dead { trainer.parameters.fill(0) }
      let times = try PairedTimes(rounds: rounds) {
        try seconds(world) { try trainer.evaluate(data.training, nil) }
      } own: {
        try seconds(world) { try trainer.evaluate(data.training, trainer.learningSigns) }
      }
      guard world.rank == 0 else { return }
      print(
        "\(model.rawValue), \(samples) samples a rank: processor time of \(times.referenceMedian * 1e3) ms; looked at \(times.ratio) times as long "
          + "(half of the rounds within \(times.spread))")
    }
  }

  /// Processor time, of which programs beside it take none.
  private func seconds(_ world: Communicator, _ body: () throws -> Quality) throws -> Double {
    try world.barrier()
    let start = clock()
    _ = try body()
    return try world.allReduce(Double(clock() - start) / Double(CLOCKS_PER_SEC), .maximum)
  }
}
