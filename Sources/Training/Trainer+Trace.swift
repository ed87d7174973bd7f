import Foundation
import Measurement
import MessagePassing

/// A trace of all ranks.
extension Trainer {
  /// Notes the steps of the window, on memory that is taken when all else is settled. On every rank.
  func startTrace(_ window: TraceWindow) {
    let share = crew.whole(experiment.step(0)).microbatches.count
    let trace = RankTrace(
      window, layers: crew.network.stepNames.count, nodes: model.nodes.count,
      instructions: crew.network.backwardInstructions, buckets: crew.exchange.plan.buckets.count,
      microbatches: share * crew.division.passes)
    crew.trace = trace
    crew.exchange.recorder = trace.recorder
  }

  /// Brings what the ranks noted to rank 0, which writes it. Collective.
  ///
  /// - Parameter file: on rank 0.
  /// - Throws: `CollectiveError`, with `FileError` where it cannot be written; `MPIError`.
  public func writeTrace(to file: TraceFile?) throws {
    guard let recorder = crew.trace?.recorder else { return }
    let events = try aligned(recorder.events)
    let lost = try communicator.allReduce(recorder.lost, .sum)
    let origin = try communicator.allReduce(Int(events.map(\.start).min() ?? .max >> 1), .minimum)
    let hosts = try communicator.allGather(ProcessInfo.processInfo.hostName)
    let names = names
    let written = try forEachRank(events) { rank, events in
      if rank == 0 { try file?.begin(names, lost: lost, from: UInt64(origin)) }
      try file?.write(rank: rank, host: hosts[rank], events)
    }
    try communicator.agree {
      try written.get()
      try file?.finish()
    }
  }

  private var names: TraceNames {
    TraceNames(
      layers: crew.network.stepNames,
      bucketBytes: crew.exchange.plan.buckets.map { $0.range.count * crew.exchange.bytesPerElement })
  }

  /// Moments of rank 0's clock.
  private func aligned(_ events: [TraceRecorder.Event]) throws -> [TraceRecorder.Event] {
    let now = try ClockSynchronization(communicator, hosts: session.machine.nodes.count)
    let alignment = ClockAlignment(
      .init(time: crew.clock.time, offset: crew.clock.offset), .init(time: now.time, offset: now.offset))
    return events.map { event in
      var event = event
      event.start = UInt64(max(alignment.aligned(event.start), 0))
      event.end = max(event.start, UInt64(max(alignment.aligned(event.end), 0)))
      return event
    }
  }

  /// Rank 0 sees each rank's in turn. All are received, whatever becomes of them: nobody may wait for rank 0.
  private func forEachRank(
    _ mine: [TraceRecorder.Event], _ body: (Int, [TraceRecorder.Event]) throws -> Void
  ) throws -> Result<Void, any Error> {
    guard communicator.rank == 0 else {
      let words = mine.flatMap(\.words)
      try communicator.send(words.count, to: 0)
      try communicator.send(words.span, to: 0)
      return .success(())
    }
    var outcome = Result { try body(0, mine) }
    for rank in 0..<communicator.size where rank > 0 {
      let events = TraceRecorder.Event.events(try words(from: rank))
      if case .success = outcome { outcome = Result { try body(rank, events) } }
    }
    return outcome
  }

  private func words(from rank: Int) throws -> [Int] {
    let count = try communicator.receive(Int.self, from: rank)
    var words = [Int](repeating: 0, count: count)
    try communicator.receive(into: words.mutableSpan, from: rank)
    return words
  }
}

extension TraceRecorder.Event {
  /// Numbers of an event in a message.
  fileprivate static let width = 5

  fileprivate var words: [Int] { [Int(kind.rawValue), number, Int(start), Int(end), step] }

  fileprivate static func events(_ words: [Int]) -> [TraceRecorder.Event] {
    stride(from: 0, to: words.count, by: width).map { TraceRecorder.Event(words[$0..<$0 + width]) }
  }

  fileprivate init(_ words: ArraySlice<Int>) {
    let first = words.startIndex
    guard let kind = TraceRecorder.Kind(rawValue: UInt8(words[first])) else {
      preconditionFailure("no event has kind \(words[first])")
    }
    self.init(
      kind, words[first + 1], start: UInt64(words[first + 2]), end: UInt64(words[first + 3]), step: words[first + 4])
  }
}
