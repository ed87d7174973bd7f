import ArgumentParser
import Foundation
import Glibc
import MessagePassing

/// Counts memory allocations of training steps after warm-up, by who made them. glibc counts: run it with its debugging
/// library, `LD_PRELOAD=libc_malloc_debug.so.0 MALLOC_TRACE=FILE Benchmarks allocations`, and read FILE.
struct AllocationBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocations", abstract: "Allocations of training steps after warm-up, traced by glibc.")

  @Option var model = BenchmarkModel.cnn
  @Option var steps = 10
  @Option var warmup = 6

  func run() throws {
    try withMessagePassing { world in
      let trainer = try model.trainer(rows: 8, steps: warmup + steps, world)
      var updates = 0
      _ = try trainer.run(command: "benchmark") { event in
        guard case .step = event else { return }
        updates += 1
        if updates == warmup { Self.call("mtrace") }
        if updates == warmup + steps { Self.call("muntrace") }
      }
    }
  }

  /// glibc's tracing is not in Swift's module of it.
  private static func call(_ name: String) {
    guard let address = dlsym(nil, name) else { return }
    unsafeBitCast(address, to: (@convention(c) () -> Void).self)()
  }
}
