import Measurement
import MessagePassing

/// How far this rank's clock is from rank 0's, so that arrival times of different hosts can be compared.
///
/// Cristian's algorithm: of several round trips the shortest bounds the error best. Ranks of one host share a clock.
struct ClockSynchronization {
  private static let roundTrips = 24

  /// Nanoseconds to add to this rank's clock for rank 0's time.
  let offset: Int64
  /// Half of the shortest round trip over all ranks, in seconds: the error is at most this. 0 on one host.
  let uncertainty: Double
  /// By this rank's clock, when it was measured.
  let time = MonotonicClock.now()

  init(_ communicator: Communicator, hosts: Int) throws {
    guard hosts > 1 else {
      offset = 0
      uncertainty = 0
      return
    }
    var best = (offset: Int64(0), roundTrip: UInt64(0))
    for rank in 1..<communicator.size {
      if communicator.rank == 0 { try Self.answer(rank, communicator) }
      if communicator.rank == rank { best = try Self.ask(communicator) }
    }
    offset = best.offset
    uncertainty = try communicator.allReduce(Double(best.roundTrip) * 0.5e-9, .maximum)
  }

  private static func answer(_ rank: Int, _ communicator: Communicator) throws {
    for _ in 0..<roundTrips {
      _ = try communicator.receive(Int64.self, from: rank)
      try communicator.send(Int64(MonotonicClock.now()), to: rank)
    }
  }

  private static func ask(_ communicator: Communicator) throws -> (offset: Int64, roundTrip: UInt64) {
    var best = (offset: Int64(0), roundTrip: UInt64.max)
    for _ in 0..<roundTrips {
      let sent = MonotonicClock.now()
      try communicator.send(Int64(sent), to: 0)
      let there = try communicator.receive(Int64.self, from: 0)
      let back = MonotonicClock.now()
      if back - sent < best.roundTrip { best = (there - Int64(sent + (back - sent) / 2), back - sent) }
    }
    return best
  }
}
