import ArgumentParser

/// One file a benchmark; each prints a table of Lockstep against something else.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Measures Lockstep against C, the machine's limits and peers. Build for release.",
    subcommands: [
      MessagePassingBenchmark.self, TrainingBenchmark.self, PeerBenchmark.self, LedgerBenchmark.self,
      AllocationBenchmark.self, MemoryBenchmark.self, EstimateBenchmark.self, ComputeBenchmark.self,
      ConversionBenchmark.self, NoiseBenchmark.self, EndlessSaves.self, RuleBenchmark.self,
      WholeSetBenchmark.self, SignsBenchmark.self, ExchangeBenchmark.self,
    ])
}
