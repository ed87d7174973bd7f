import Batches
import Datasets
import Foundation
import Measurement
import MessagePassing

/// Figures of the prediction of a whole data set.
public struct PredictionFacts: Equatable, Sendable {
  /// Rows that were predicted, over all ranks.
  public var samples: Int
  /// Compute calls of all ranks.
  public var calls: Int
  /// Wall-clock of the slowest rank, reading and writing included.
  public var seconds: Double
  /// Seconds of the slowest rank inside compute calls.
  public var computeSeconds: Double
}

extension Predictor {
  /// Predicts every sample of a data set in its order, shared among the ranks. Collective.
  ///
  /// - Parameter write: called on rank 0 only, with the predictions of some samples after the other.
  /// - Throws: `CollectiveError`, in the words of `Interruption.Asked` where a rank was asked to stop.
  public func predict(
    _ dataset: any Dataset, _ communicator: Communicator, write: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws -> PredictionFacts {
    let start = MonotonicClock.now()
    let order = PredictionOrder(
      samples: dataset.count, batch: batch, rank: communicator.rank, ranks: communicator.size)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: batch, depth: Self.depth)
    let largest = order.share(ofRank: 0, round: 0).count * columns
    let results = UnsafeMutableBufferPointer<Float>.allocate(capacity: largest)
    defer { results.deallocate() }
    results.initialize(repeating: 0)
    var (calls, computing) = (0, UInt64(0))
    for round in 0..<order.rounds {
      let mine = order.share(ofRank: communicator.rank, round: round).count
      // A line that is no sample may be found only now: one error, of the first such line.
      try communicator.agree {
        var done = 0
        while done < mine, let batch = try reader.next() {
          try Interruption.check()
          let begun = MonotonicClock.now()
          try predict(batch, into: results.extracting(done * columns..<(done + batch.rows) * columns))
          computing += MonotonicClock.now() - begun
          done += batch.rows
          calls += 1
          reader.recycle(batch)
        }
      }
      try collect(results.extracting(..<(mine * columns)), order, round, communicator, write)
    }
    return PredictionFacts(
      samples: dataset.count, calls: try communicator.allReduce(calls, .sum),
      seconds: try communicator.allReduce(Double(MonotonicClock.now() - start) * 1e-9, .maximum),
      computeSeconds: try communicator.allReduce(Double(computing) * 1e-9, .maximum))
  }

  /// Rank 0 writes its own numbers of a round, then those of the other ranks as they send them.
  private func collect(
    _ mine: UnsafeMutableBufferPointer<Float>, _ order: PredictionOrder, _ round: Int, _ communicator: Communicator,
    _ write: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    guard communicator.rank == 0 else {
      return mine.isEmpty ? () : try communicator.send(mine.span, to: 0)
    }
    try write(UnsafeBufferPointer(mine))
    for rank in 1..<max(communicator.size, 1) {
      let count = order.share(ofRank: rank, round: round).count * columns
      guard count > 0 else { continue }
      // Rank 0's own numbers are written: their memory takes the next rank's, which are not more.
      try communicator.receive(into: mine.extracting(..<count).mutableSpan, from: rank)
      try write(UnsafeBufferPointer(mine.extracting(..<count)))
    }
  }
}
