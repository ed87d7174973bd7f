/// What some ranks compute together of a step, and which of them this one is: the whole step, or a worker's part of it.
public struct StepShare: Equatable, Sendable {
  /// The samples, as a step of their own.
  public let step: StepPlan
  /// This rank's number among those that compute it.
  public let rank: Int
  /// How many those are.
  public let ranks: Int
  private let balance: RankShares?

  /// A step for these ranks.
  ///
  /// - Parameter balance: of all of them; nil for even shares.
  public init(_ step: StepPlan, rank: Int, ranks: Int, _ balance: RankShares? = nil) {
    self.step = step
    self.rank = rank
    self.ranks = ranks
    self.balance = balance
  }

  /// This rank's.
  public var microbatches: Range<Int> {
    balance?.share(of: step.microbatchCount, rank: rank) ?? step.microbatches(of: rank, ranks: ranks)
  }
}

extension StepPlan {
  /// A worker's part: a contiguous run of this step's microbatches, as a step of its own. Nil where there are fewer of them than
  /// workers, and this one has none.
  public func part(of worker: Int, workers: Int) -> StepPlan? {
    let own = Self.share(of: microbatchCount, rank: worker, ranks: workers)
    guard let first = own.first, let last = own.last else { return nil }
    return StepPlan(
      epoch: epoch, step: step, stepsInEpoch: stepsInEpoch,
      positions: positions(ofMicrobatch: first).lowerBound..<positions(ofMicrobatch: last).upperBound,
      microBatch: microBatch)
  }
}
