import ArgumentParser
import Foundation
import Measurement
import MessagePassing
import Statistics

/// The cost of keeping the ledger, against a step.
struct LedgerBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "The ledger's own cost as a share of a short training step.")

  /// Load, forward, backward, the exchange, update, and between steps.
  private static let lapsPerStep = 6
  private static let rounds = 9
  private static let stepsPerRound = 100_000

  func run() throws {
    let bookings = (0..<Self.rounds).map { _ in Self.secondsPerStepOfBooking() }
    try withMessagePassing { world in
      // The shortest step that anyone would run: the smaller the step, the larger the share.
      let record = try BenchmarkModel.mlp.trainer(rows: 8, steps: 200, world).run(command: "benchmark")
      let booking = Spread(bookings)
      let step = record.stepSeconds ?? 0
      guard world.rank == 0 else { return }
      print(
        String(
          format: "booking a step: %.2f µs (%.2f … %.2f); a step of mlp with 8 samples a rank: %.0f µs; share %.3f %%",
          booking.median * 1e6, booking.minimum * 1e6, booking.maximum * 1e6, step * 1e6, 100 * booking.median / step))
    }
  }

  private static func secondsPerStepOfBooking() -> Double {
    var ledger = Ledger(steps: stepsPerRound)
    let start = MonotonicClock.now()
    for _ in 0..<stepsPerRound {
      ledger.beginStep()
      for _ in 0..<lapsPerStep - 1 { ledger.lap(.other) }
      ledger.bookExchange(firstStart: nil, bytes: 1, messages: 1)
      ledger.endStep(samples: 1)
    }
    return Double(MonotonicClock.now() - start) * 1e-9 / Double(stepsPerRound)
  }
}
