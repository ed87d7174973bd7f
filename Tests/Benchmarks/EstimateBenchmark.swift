import ArgumentParser
import Foundation
import MessagePassing
import Training

/// The memory that a run is said to need before anything of it is made, against what its process took at its peak. The
/// data, which are made in memory here, and the program itself are not counted.
struct EstimateBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate", abstract: "Memory that a run is said to need, against what it takes.")

  @Option var model = BenchmarkModel.mlpWide
  @Option(help: "Samples of a rank in a step, all in one microbatch.") var rows = 256
  @Option var steps = 2
  @Option(help: "Click models: of the joined table.") var tableRows = 1_000_000
  @Option(help: "The largest distance from what was measured, in percent, that is no failure.") var limit = 20.0

  func run() throws {
    try withMessagePassing { world in
      let (run, data) = model.experiment(rows: rows, steps: steps, tableRows: tableRows, ranks: world.size)
      let session = try TrainingSession(run, data: data, world)
      let parts = try Trainer.memoryParts(for: run, data, ranks: world.size)
      try ProcessMemory.forgetPeak()
      let before = try ProcessMemory.read()
      _ = try Trainer(run, session).run(command: "benchmark")
      let taken = Double(try ProcessMemory.read().peak - before.anonymous - before.backed)
      guard world.rank == 0 else { return }
      for part in parts where part.bytes > 0 { print(line(part.name, part.bytes)) }
      print(line("estimate", parts.bytes) + "\n" + line("measured", taken))
      let distance = 100 * (parts.bytes / taken - 1)
      print(String(format: "the estimate is %+.1f %% off, limit %.0f %%", distance, limit))
      if abs(distance) > limit { throw ExitCode.failure }
    }
  }

  private func line(_ name: String, _ bytes: Double) -> String {
    name.padding(toLength: 40, withPad: " ", startingAt: 0) + String(format: "%9.1f MB", bytes * 1e-6)
  }
}
