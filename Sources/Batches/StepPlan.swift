/// The samples that one update works on, and where in the run it stands: a pure value, the same whoever computes it.
///
/// Positions are of an epoch's order, not samples: `Permutation` says which sample stands at a position. Nothing but
/// `microbatches(of:ranks:)` knows ranks, so no number of ranks changes what is computed.
public struct StepPlan: Equatable, Sendable {
  /// From 0.
  public let epoch: Int
  /// In its epoch, from 0.
  public let step: Int
  /// Steps of its epoch.
  public let stepsInEpoch: Int
  /// This step's global batch, as places in the epoch's order.
  public let positions: Range<Int>
  /// Samples of a unit of work.
  public let microBatch: Int

  /// A step must have a sample and lie within its epoch.
  public init(epoch: Int, step: Int, stepsInEpoch: Int, positions: Range<Int>, microBatch: Int) {
    precondition(microBatch > 0 && !positions.isEmpty, "a step of \(positions) in microbatches of \(microBatch)")
    precondition(0..<stepsInEpoch ~= step, "step \(step) of \(stepsInEpoch)")
    self.epoch = epoch
    self.step = step
    self.stepsInEpoch = stepsInEpoch
    self.positions = positions
    self.microBatch = microBatch
  }

  /// Samples.
  public var globalBatch: Int { positions.count }
  /// Whether the next step is another epoch's.
  public var isLastOfEpoch: Bool { step == stepsInEpoch - 1 }
  /// The part of its epoch that lies before this step: 0 at first, less than 1.
  public var placeInEpoch: Double { Double(step) / Double(stepsInEpoch) }

  /// Units of work of this step, over all ranks.
  public var microbatchCount: Int { Self.ceiling(globalBatch, microBatch) }

  /// The positions of one microbatch; the last of a global batch may be shorter.
  public func positions(ofMicrobatch index: Int) -> Range<Int> {
    let start = positions.lowerBound + index * microBatch
    precondition(index >= 0 && start < positions.upperBound, "microbatch \(index) of \(microbatchCount)")
    return start..<min(start + microBatch, positions.upperBound)
  }

  /// The microbatches that a rank works through; empty where there are fewer than ranks.
  public func microbatches(of rank: Int, ranks: Int) -> Range<Int> {
    Self.share(of: microbatchCount, rank: rank, ranks: ranks)
  }

  /// A rank's contiguous part of `0..<count`: parts differ by at most one in length, and together are the whole.
  public static func share(of count: Int, rank: Int, ranks: Int) -> Range<Int> {
    precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    return count * rank / ranks..<count * (rank + 1) / ranks
  }

  /// Samples of the rank that has most of a step: the one that the others wait for.
  public static func mostSamples(of samples: Int, microBatch: Int, ranks: Int) -> Int {
    precondition(samples > 0 && microBatch > 0 && ranks > 0, "\(samples) samples by \(microBatch) on \(ranks) ranks")
    let count = (samples - 1) / microBatch + 1
    let (each, rest) = count.quotientAndRemainder(dividingBy: ranks)
    // The last rank is among those with most microbatches, and has the one that may be short.
    let short = (samples - 1) % microBatch + 1
    let last = ((rest > 0 ? each + 1 : each) - 1) * microBatch + short
    let others = ranks > 1 ? (rest > 1 ? each + 1 : each) * microBatch : 0
    return max(last, others)
  }

  static func ceiling(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}
