/// How a rank works through the steps of a run: as a whole and once, or worker by worker, or more than once.
public struct StepDivision: Equatable, Sendable {
  /// This rank's number.
  public var rank: Int
  /// Of the job.
  public var ranks: Int
  /// How often the samples of each share come, one pass after the other.
  public var passes = 1
  /// Nil where steps are not divided.
  public var workers: WorkerGroup?
  /// Steps before this one are not divided.
  public var firstDivided = 0
  /// Of steps as a whole; nil for even shares.
  public var balance: RankShares?

  /// Steps as a whole, shared by all ranks.
  public init(rank: Int, ranks: Int) {
    self.rank = rank
    self.ranks = ranks
  }

  /// The group, where this step of the run is divided.
  public func group(ofStep number: Int) -> WorkerGroup? { number >= firstDivided ? workers : nil }

  /// Shares that this rank takes part in, one after the other.
  func shares(ofStep number: Int) -> Int { passes * (group(ofStep: number)?.slots ?? 1) }

  /// The nth of them; nil where its worker has nothing in this step.
  func share(_ index: Int, of step: StepPlan, number: Int) -> StepShare? {
    guard let group = group(ofStep: number) else { return whole(step) }
    return share(ofSlot: index / passes, of: step, group)
  }

  /// This rank's share of a step that all ranks compute together.
  public func whole(_ step: StepPlan) -> StepShare { StepShare(step, rank: rank, ranks: ranks, balance) }

  /// The share of a group's nth worker; nil where that has nothing in this step.
  public func share(ofSlot slot: Int, of step: StepPlan, _ group: WorkerGroup) -> StepShare? {
    step.part(of: group.worker(slot: slot, ofGroup: group.number), workers: group.workers).map {
      StepShare($0, rank: group.rank, ranks: group.ranks)
    }
  }
}
