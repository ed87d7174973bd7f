import ArgumentParser
import Configuration
import Foundation
import MessagePassing
import Training

/// The cost of measuring gradient noise, against a step without.
struct NoiseBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "noise", abstract: "What a step that measures gradient noise takes, as a ratio to one that does not.")

  @Option var model = BenchmarkModel.mlp
  @Option(help: "Samples of each rank in each step.") var localBatch = 512
  @Option(help: "Samples of a unit of work.") var microBatch = 128
  @Option(help: "Click models: rows of the joined table.") var tableRows = 100_000
  @Option(help: "Steps of a run, all of them measured.") var steps = 40
  @Option(help: "Pairs of runs.") var rounds = 9
  @Flag(help: "Measure distances and norms of every step instead of noise.") var distances = false

  func run() throws {
    try withMessagePassing { world in
      let times = try PairedTimes(rounds: rounds) {
        try seconds(nil, world)
      } own: {
        let measure =
          distances ? MeasureConfiguration(distances: .init()) : MeasureConfiguration(noiseScale: .init(everySteps: 1))
        return try seconds(measure, world)
      }
      guard world.rank == 0 else { return }
      let period = MeasureConfiguration.NoiseScale().everySteps
      print(
        String(
          format:
            "%@, %d samples a rank by %d: a step of %.2f ms takes %.3f times as long where it is measured (spread %.3f)",
          model.rawValue, localBatch, microBatch, times.referenceMedian * 1e3, times.ratio, times.spread)
          + (distances
            ? ""
            : String(format: "; one in %d: %.2f %% of the mean step", period, 100 * (times.ratio - 1) / Double(period)))
      )
    }
  }

  private func seconds(_ measure: MeasureConfiguration?, _ world: Communicator) throws -> Double {
    var (run, data) = model.experiment(
      rows: localBatch, microBatch: microBatch, steps: steps, tableRows: tableRows, ranks: world.size)
    run.measure = measure
    let record = try Trainer(run, TrainingSession(run, data: data, world)).run(command: "benchmark")
    return record.stepSeconds ?? 0
  }
}
