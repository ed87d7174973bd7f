/// The workers of an experiment that a rank computes, and the ranks that it computes them with.
///
/// Ranks form as many equal groups as ranks and workers allow, the greatest common divisor of the two numbers; a group has an equal
/// number of workers, and its ranks share each of them as they would share a global batch. So any number of ranks computes the
/// same, and where ranks divide the workers each has some of its own and needs nobody for them.
public struct WorkerGroup: Equatable, Sendable {
  /// Of the experiment.
  public let workers: Int
  /// Groups of all ranks.
  public let groups: Int
  /// This rank's.
  public let number: Int
  /// This rank's number in its group.
  public let rank: Int
  /// Ranks of a group.
  public let ranks: Int

  /// - Parameters:
  ///   - rank: among all of the job.
  ///   - ranks: of the job.
  public init(workers: Int, rank: Int, ranks: Int) {
    precondition(workers > 0 && 0..<ranks ~= rank, "\(workers) workers on rank \(rank) of \(ranks)")
    self.workers = workers
    groups = Self.greatestCommonDivisor(workers, ranks)
    self.ranks = ranks / groups
    number = rank / self.ranks
    self.rank = rank % self.ranks
  }

  /// Workers of each group.
  public var slots: Int { workers / groups }

  /// The worker that a group computes as its nth: those of one slot follow each other.
  public func worker(slot: Int, ofGroup group: Int) -> Int { slot * groups + group }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
