import Statistics

/// What others took from a job in an interval, over all ranks; seconds unless said otherwise.
public struct Disturbance: Encodable, Equatable, Sendable {
  /// In which a thread that computes was ready and waited for a core: of each rank's threads, the one that waited longest, less
  /// what the rank's own other threads computed; at most what programs besides the job's ranks computed on that machine, as ranks
  /// that share a core wait for each other. nil where some rank's system does not tell (`/proc/self/task/*/schedstat`).
  public var waitedForCore: Spread?
  /// That a hypervisor gave to other machines, for each core of a rank's node; nil where the system does not tell.
  public var stolen: Spread?
  /// In which some task of a rank's node waited for a core, of whichever program; nil where the system does not tell (pressure
  /// stall information).
  public var pressure: Spread?
  /// On a processor, of the training thread.
  public var threadCPU: Spread
  /// Times that the training thread was taken off a processor though it had work.
  public var involuntarySwitches: Spread

  /// Figures of one interval.
  public init(
    waitedForCore: Spread?, stolen: Spread?, pressure: Spread?, threadCPU: Spread, involuntarySwitches: Spread
  ) {
    self.waitedForCore = waitedForCore
    self.stolen = stolen
    self.pressure = pressure
    self.threadCPU = threadCPU
    self.involuntarySwitches = involuntarySwitches
  }

  /// - Parameter ranks: each rank's `SystemUse.figures`.
  init(ranks: [ArraySlice<Double>]) {
    func spread(_ index: Int) -> Spread { Spread(ranks.map { $0[$0.startIndex + index] }) }
    func known(_ index: Int) -> Spread? {
      ranks.contains { $0[$0.startIndex + index].isNaN } ? nil : spread(index)
    }
    let others = Self.othersSeconds(ranks)
    let waited = zip(ranks, others).map { min($0[$0.startIndex], $1) }
    self.init(
      waitedForCore: waited.contains(where: \.isNaN) ? nil : Spread(waited), stolen: known(1), pressure: known(2),
      threadCPU: spread(3),
      involuntarySwitches: spread(4))
  }

  /// For each rank, the time that programs besides the ranks computed on its machine; infinite where that is not known.
  private static func othersSeconds(_ ranks: [ArraySlice<Double>]) -> [Double] {
    func figure(_ rank: ArraySlice<Double>, _ index: Int) -> Double { rank[rank.startIndex + index] }
    let others = Dictionary(grouping: ranks) { figure($0, 7) }.mapValues { neighbours in
      let rest = (neighbours.map { figure($0, 5) }.max() ?? .nan) - neighbours.reduce(0) { $0 + figure($1, 6) }
      return rest.isNaN ? .infinity : max(0, rest)
    }
    // A machine without a name is found by none: NaN equals nothing.
    return ranks.map { others[figure($0, 7)] ?? .infinity }
  }

  /// Taken from any rank, at most: the longest wait and the most that was stolen, perhaps of two; nil where nothing is known.
  public var lost: Double? {
    guard waitedForCore != nil || stolen != nil else { return nil }
    return (waitedForCore?.maximum ?? 0) + (stolen?.maximum ?? 0)
  }
}

extension LedgerSummary {
  /// The share of the interval that others took from the rank that lost most; nil where that is not known.
  public var lostShare: Double? {
    guard let lost = disturbance?.lost, elapsed.maximum > 0 else { return nil }
    return lost / elapsed.maximum
  }
}
