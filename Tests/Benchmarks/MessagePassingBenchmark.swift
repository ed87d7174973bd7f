import ArgumentParser
import Buffers
import CReference
import Foundation
import MessagePassing
import TextTable

/// The binding's overhead: the same MPI calls from C and through MessagePassing, in one process, in turns.
struct MessagePassingBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mpi",
    abstract: "All-reduce and barrier against the same calls from C. Run by mpirun, on two ranks or more.")

  @Option(help: "Time for each line of the table, spent in short turns of C and Swift.")
  var seconds = 2.0

  @Option(help: "Largest message, in bytes.")
  var largest = 64 << 20

  func validate() throws {
    guard seconds > 0, largest >= 8 else { throw ValidationError("--seconds must be above 0, --largest at least 8") }
  }

  func run() throws {
    try withMessagePassing { world in
      let memory = Tensor(Shape(largest / MemoryLayout<Float>.stride))
      var rows = [try barrier(world)]
      for bytes in sizes { rows.append(try allReduce(world, memory, bytes: bytes)) }
      for bytes in sizes { rows.append(try startAllReduce(world, memory, bytes: bytes)) }
      if world.rank == 0 { report(rows, ranks: world.size) }
    }
  }

  /// Powers of 4 from 8 bytes, and the largest itself.
  private var sizes: [Int] { sequence(first: 8) { $0 * 4 }.prefix { $0 < largest } + [largest] }

  private func barrier(_ world: Communicator) throws -> Row {
    Row(
      call: "barrier", bytes: 0,
      times: try measure(
        world, reference: { lockstep_reference_barrier($0) },
        own: { for _ in 0..<$0 { try world.barrier() } }))
  }

  private func allReduce(_ world: Communicator, _ memory: Tensor, bytes: Int) throws -> Row {
    let values = memory.slice(0..<bytes / MemoryLayout<Float>.stride).buffer
    return Row(
      call: "allReduce", bytes: bytes,
      times: try measure(
        world, reference: { lockstep_reference_all_reduce(values.baseAddress, Int32(values.count), $0) },
        own: { for _ in 0..<$0 { try world.allReduce(inPlace: values.mutableSpan, .sum) } }))
  }

  private func startAllReduce(_ world: Communicator, _ memory: Tensor, bytes: Int) throws -> Row {
    let values = memory.slice(0..<bytes / MemoryLayout<Float>.stride)
    return Row(
      call: "startAllReduce, wait", bytes: bytes,
      times: try measure(
        world, reference: { lockstep_reference_start_all_reduce(values.pointer, Int32(values.count), $0) },
        own: {
          var lease = Lease(values)
          for _ in 0..<$0 { lease = try world.startAllReduce(lease, .sum).wait() }
        }))
  }

  /// - Parameters:
  ///   - reference: makes so many calls in C and returns MPI's code.
  ///   - own: makes so many calls.
  private func measure(
    _ world: Communicator, reference: (Int) -> Int32, own: (Int) throws -> Void
  ) throws -> PairedTimes {
    func referenceOrError(_ repeats: Int) throws {
      let code = reference(repeats)
      guard code == 0 else { throw ValidationError("MPI returned code \(code) in C") }
    }
    func time(_ repeats: Int, _ body: (Int) throws -> Void) throws -> Double {
      try world.barrier()
      let start = DispatchTime.now().uptimeNanoseconds
      try body(repeats)
      return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 / Double(repeats)
    }
    _ = try time(3, referenceOrError)
    let once = try [time(5, referenceOrError), time(5, own)].min()!
    // Turns of a millisecond are short beside what else a machine does, and long beside a clock's tick.
    let repeats = try world.broadcast(max(1, Int(1e-3 / once)))
    let rounds = try world.broadcast(max(11, Int(seconds / (2 * once * Double(repeats)))))
    return try PairedTimes(
      rounds: rounds, reference: { try time(repeats, referenceOrError) }, own: { try time(repeats, own) })
  }

  private struct Row {
    let call: String
    let bytes: Int
    let times: PairedTimes
  }

  private func report(_ rows: [Row], ranks: Int) {
    let table = TextTable<Row> { row in
      [
        Column("call" <- row.call),
        Column("bytes" <- row.bytes, align: .right),
        Column("rounds" <- row.times.own.count, align: .right),
        Column("C µs" <- decimals(row.times.referenceMedian * 1e6), align: .right),
        Column("Swift µs" <- decimals(row.times.ownMedian * 1e6), align: .right),
        Column("ratio" <- decimals(row.times.ratio), align: .right),
        Column("of minima" <- decimals(row.times.ratioOfMinima), align: .right),
        Column("spread" <- decimals(row.times.spread), align: .right),
      ]
    }
    print(
      "\(MessagePassingLibrary.version), \(ranks) ranks. Times of one call are medians over rounds, ratio is the median of"
    )
    print("Swift / C in one round, spread the distance between the quartiles of that.")
    table.print(rows, style: Style.psql)
  }

  private func decimals(_ value: Double) -> String { String(format: "%.3f", value) }
}
