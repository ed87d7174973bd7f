/// How an epoch divides into global batches, those into microbatches, and those among ranks. Ranges count positions of
/// the epoch's order, not samples: `Permutation` says which sample stands at a position.
///
/// Nothing but `microbatches(of:ranks:step:)` knows ranks, so no number of ranks changes what is computed.
public struct GlobalBatchPlan: Equatable, Sendable {
  public let samples: Int
  public let globalBatch: Int
  public let microBatch: Int

  /// Throws `DatasetError` where there are fewer samples than a global batch needs.
  public init(samples: Int, globalBatch: Int, microBatch: Int) throws {
    precondition(globalBatch > 0 && microBatch > 0, "batches of \(globalBatch) and \(microBatch)")
    guard samples > 0 else { throw DatasetError("the training set holds no samples") }
    guard globalBatch <= samples else {
      throw DatasetError(
        "globalBatch is \(globalBatch), but the training set holds only \(samples) samples: set globalBatch to at most "
          + "that, or use more data")
    }
    self.samples = samples
    self.globalBatch = globalBatch
    self.microBatch = microBatch
  }

  /// The last step of an epoch has what is left.
  public var stepsPerEpoch: Int { Self.ceiling(samples, globalBatch) }

  /// The positions of one global batch.
  public func positions(inStep step: Int) -> Range<Int> {
    precondition(step >= 0 && step < stepsPerEpoch, "step \(step) of \(stepsPerEpoch)")
    return step * globalBatch..<min((step + 1) * globalBatch, samples)
  }

  public func microbatchCount(inStep step: Int) -> Int { Self.ceiling(positions(inStep: step).count, microBatch) }

  /// The positions of one microbatch; the last of a global batch may be shorter.
  public func positions(ofMicrobatch index: Int, inStep step: Int) -> Range<Int> {
    let batch = positions(inStep: step)
    let start = batch.lowerBound + index * microBatch
    precondition(index >= 0 && start < batch.upperBound, "microbatch \(index) of step \(step)")
    return start..<min(start + microBatch, batch.upperBound)
  }

  /// The microbatches of a step that a rank works through; empty where there are fewer than ranks.
  public func microbatches(of rank: Int, ranks: Int, step: Int) -> Range<Int> {
    Self.share(of: microbatchCount(inStep: step), rank: rank, ranks: ranks)
  }

  /// A rank's contiguous part of `0..<count`: parts differ by at most one in length, and together are the whole.
  public static func share(of count: Int, rank: Int, ranks: Int) -> Range<Int> {
    precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    return count * rank / ranks..<count * (rank + 1) / ranks
  }

  private static func ceiling(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}
