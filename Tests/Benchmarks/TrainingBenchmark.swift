import ArgumentParser
import Configuration
import Foundation
import MessagePassing

/// Whole training steps on the ranks of the job: one JSON line, as the peer's benchmark prints it.
struct TrainingBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "Samples per second of whole training steps; run it under mpirun.")

  @Option var model = BenchmarkModel.mlp
  @Option(help: "Samples of each rank in each step.") var localBatch = 512
  @Option(help: "Samples of a unit of work; default: all of a rank's.") var microBatch: Int?
  @Option(help: "Click models: rows of the joined table.") var tableRows = 1_000_000
  @Option(help: "How gradients travel beside the backward pass.") var overlap = ExecutionConfiguration().overlap
  @Option(help: "About the bytes of a bucket of gradients.") var bucketBytes = ExecutionConfiguration.BucketBytes.usual
  @Option(help: "How gradients are added.") var summation = ExecutionConfiguration.Summation.fast
  @Option(help: "Where arrays of gradients lie.") var arenas = ExecutionConfiguration.Arenas.private
  @Option(help: "Of what products and convolutions multiply.") var precision = RunConfiguration.ComputePrecision.float32
  @Option(help: "Who multiplies numbers of bfloat16.") var products = ExecutionConfiguration.BFloat16Products.auto
  @Option(help: "Of gradients on their way.") var exchangePrecision = RunConfiguration.ExchangePrecision.float32
  @Option var steps = 40
  @Option(help: "Steps before those that count.") var warmup = 8

  struct Line: Codable {
    var model: String
    var ranks: Int
    var localBatch: Int
    var stepSeconds: Double
    var samplesPerSecond: Double
    /// Seconds of a step, by phase; the median rank's.
    var phases: [String: Double]
    /// Of what all ranks' products of 1024 × 1024 matrices come to, one after the other and by all at once: the share that the
    /// model's products and convolutions alone would take.
    var shareOfProducts: Double
    /// Peak of the rank that needs most.
    var peakMemoryBytes: Double

    /// The peer's names.
    enum CodingKeys: String, CodingKey {
      case model, ranks, phases
      case peakMemoryBytes = "peak_memory_bytes"
      case localBatch = "local_batch"
      case shareOfProducts = "share_of_sgemm"
      case stepSeconds = "step_s"
      case samplesPerSecond = "samples_per_s"
    }
  }

  func run() throws {
    try withMessagePassing { world in
      let trainer = try model.trainer(
        rows: localBatch, microBatch: microBatch, steps: steps + warmup, tableRows: tableRows,
        execution: ExecutionConfiguration(
          bucketBytes: .bytes(bucketBytes), overlap: overlap, summation: summation,
          arenas: arenas == .shared ? arenas : nil, bfloat16: products),
        precision: precision, exchangePrecision: exchangePrecision, world)
      let record = try trainer.run(command: "benchmark")
      // Four steps make an epoch; the first ones prepare what later ones reuse.
      let epochs = record.epochs.dropFirst((warmup + 3) / 4)
      var phases: [String: Double] = [:]
      for epoch in epochs {
        for (phase, spread) in epoch.ledger.phases {
          phases[phase, default: 0] += spread.median / Double(4 * epochs.count)
        }
      }
      try world.barrier()
      let (forward, backward) = trainer.model.productOperations(rows: 1)
      let possible = try world.allReduce(SquareProduct(1024).rate(rounds: 40), .sum)
      let line = Line(
        model: model.rawValue, ranks: world.size, localBatch: localBatch,
        stepSeconds: record.stepSeconds ?? 0, samplesPerSecond: record.samplesPerSecond, phases: phases,
        shareOfProducts: record.samplesPerSecond * Double(forward + backward) / possible,
        peakMemoryBytes: record.ledger.peakMemoryBytes.maximum)
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      if world.rank == 0 { print(String(decoding: try encoder.encode(line), as: UTF8.self)) }
    }
  }
}

extension ExecutionConfiguration.Overlap: ExpressibleByArgument {}
extension ExecutionConfiguration.Arenas: ExpressibleByArgument {}
extension ExecutionConfiguration.Summation: ExpressibleByArgument {}
extension ExecutionConfiguration.BFloat16Products: ExpressibleByArgument {}
extension RunConfiguration.ComputePrecision: ExpressibleByArgument {}
extension RunConfiguration.ExchangePrecision: ExpressibleByArgument {}
