import Buffers
import Foundation

/// Reads microbatches ahead in a thread of its own, so that the model never waits for them:
///
///     while let batch = try reader.next() {
///       …
///       reader.recycle(batch)
///     }
///
/// Batches come in the order's sequence and are filled again and again: a steady state allocates nothing. Letting go of
/// the reader stops the thread, at any point. Not for use from several threads at once.
///
/// At depth 0 there is no thread: `next` reads when it is asked.
public final class BatchReader {
  private let ring: BatchRing
  /// Nil at depth 0.
  private let thread: pthread_t?
  /// At depth 0: fills one batch, or says that there are no more.
  private let readNow: ((Batch) throws -> Bool)?

  /// - Parameters:
  ///   - capacity: the most rows that the order puts into a batch.
  ///   - depth: batches read ahead, besides the one that the caller works on.
  /// - Throws: `ThreadError` where the system has no thread to give.
  public init(dataset: any Dataset, order: some BatchOrder, capacity: Int, depth: Int) throws {
    precondition(depth >= 0, "a reader that reads \(depth) batches ahead")
    let ring = BatchRing(
      (0...depth).map { _ in
        Batch(
          inputShape: dataset.inputShape, fields: dataset.idFields?.columns ?? 0, weighted: dataset.hasWeights,
          capacity: capacity)
      })
    self.ring = ring
    guard depth > 0 else {
      var order = order
      readNow = { batch in try Self.read(dataset, &order, into: batch) }
      thread = nil
      return
    }
    readNow = nil
    thread = try BackgroundThread.start(for: "reading data ahead") {
      var order = order
      ring.fill { batch in try Self.read(dataset, &order, into: batch) }
    }
  }

  private static func read(_ dataset: any Dataset, _ order: inout some BatchOrder, into batch: Batch) throws -> Bool {
    let isOpen = order.next(into: batch)
    if !isOpen || batch.place.isFirstOfEpoch { try dataset.requireWhole() }
    guard isOpen else { return false }
    try dataset.read(batch.filledSamples, into: batch)
    return true
  }

  deinit {
    ring.stop()
    if let thread { pthread_join(thread, nil) }
  }

  /// The next batch, as soon as it is filled; nil after the last. Throws what the data set threw, after the batches
  /// that were read before it.
  public func next() throws -> Batch? {
    if let readNow { ring.fillOne(readNow) }
    return try ring.next()
  }

  /// Gives a batch back, to be filled again.
  public func recycle(_ batch: Batch) { ring.recycle(batch) }
}
