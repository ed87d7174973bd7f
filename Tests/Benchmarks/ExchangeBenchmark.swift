import ArgumentParser
import Buffers
import Configuration
import Foundation
import Gradients
import Measurement
import MessagePassing

/// Gradients of a host's ranks added up in memory that they share, against `MPI_Allreduce` of as many bytes.
struct ExchangeBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exchange",
    abstract: "Exchange of gradients in a host's memory against MPI_Allreduce; run it under mpirun.")

  @Option(help: "About the bytes of a bucket of gradients.") var bucketBytes = ExecutionConfiguration.BucketBytes.usual
  @Option var rounds = 30

  private static let sizes = [8 << 10, 128 << 10, 1 << 20, 8 << 20, 64 << 20]

  func run() throws {
    try withMessagePassing { world in
      if world.rank == 0 { print("   KiB  MPI_Allreduce ms  shared ms  MPI ÷ shared (half of the rounds within)") }
      for size in Self.sizes {
        let times = try measure(gradients: size / MemoryLayout<Float>.stride, world)
        guard world.rank == 0 else { continue }
        print(
          String(
            format: "%6d %17.3f %10.3f %13.2f (± %.2f)", size >> 10, times.referenceMedian * 1e3, times.ownMedian * 1e3,
            1 / times.ratio, times.spread / 2 / times.ratio / times.ratio))
      }
    }
  }

  private func measure(gradients: Int, _ world: Communicator) throws -> PairedTimes {
    let layout = ParameterLayout(layers: [[Parameter(name: "a", shape: Shape(gradients), start: .constant(0))]])
    let bytes = GradientArena.exchangedBytes(layout, .inPlace)
    guard let memory = try SharedMemory.make(byteCount: bytes, by: world) else {
      throw ValidationError("ranks that share no memory: start two or more on one host")
    }
    let arena = GradientArena(layout, in: memory)
    let exchange = try GradientExchange(
      arena, layout: layout, communicator: world, bucketBytes: bucketBytes, overlap: .none)
    let own = Tensor(Shape(bytes / MemoryLayout<Float>.stride))
    let count = max(1, (32 << 20) / bytes)
    func seconds(_ body: () throws -> Void) throws -> Double {
      try world.barrier()
      let start = MonotonicClock.now()
      for _ in 0..<count { try body() }
      return try world.allReduce(Double(MonotonicClock.now() - start) * 1e-9 / Double(count), .maximum)
    }
    return try PairedTimes(rounds: rounds) {
      try seconds { try world.allReduce(inPlace: own.buffer.mutableSpan, .sum) }
    } own: {
      try seconds {
        exchange.beginStep(microbatches: world.size)
        try exchange.layerDone(0, isFirstMicrobatch: true, isLastMicrobatch: true)
        _ = try exchange.finish()
      }
    }
  }
}
