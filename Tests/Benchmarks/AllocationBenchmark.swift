import ArgumentParser
import CReference
import Configuration
import Glibc
import MessagePassing

/// Counts memory allocations of training steps after warm-up, by who made them. glibc counts: run it with its debugging
/// library, `LD_PRELOAD=libc_malloc_debug.so.0 MALLOC_TRACE=FILE Benchmarks allocations`, and read FILE. Under mpirun it
/// counts those of rank 0.
struct AllocationBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocations", abstract: "Allocations of training steps after warm-up, traced by glibc.")

  @Option var model = BenchmarkModel.cnn
  @Option(help: "Samples of a rank in a step.") var rows = 8
  @Option var steps = 10
  @Option var warmup = 6
  @Option(help: "Where arrays of gradients and weights lie.") var arenas = ExecutionConfiguration.Arenas.private

  func run() throws {
    guard dlopen("libc_malloc_debug.so.0", RTLD_NOW | RTLD_NOLOAD) != nil else {
      throw ValidationError("start with LD_PRELOAD=libc_malloc_debug.so.0 and MALLOC_TRACE=FILE")
    }
    try withMessagePassing { world in
      // All within one epoch: what an epoch's end allocates does not grow with its steps.
      let trainer = try model.trainer(
        rows: rows, steps: warmup + steps + 1, stepsPerEpoch: warmup + steps + 1,
        execution: ExecutionConfiguration(arenas: arenas == .shared ? arenas : nil), world)
      var updates = 0
      _ = try trainer.run(command: "benchmark") { event in
        guard case .step = event else { return }
        updates += 1
        if updates == warmup - 1 { waitForWatchers(world) }
        if updates == warmup { mtrace() }
        if updates == warmup + steps { muntrace() }
      }
    }
  }

  /// What comes once after some seconds shall come before the last step of the warm-up: Swift makes some types at their first use, which is
  /// the watchdog's first look at the other ranks; and of a core that others crowd the user is told then, if it is one.
  private func waitForWatchers(_ world: Communicator) {
    if world.size > 1 { sleep(5) }
  }
}
