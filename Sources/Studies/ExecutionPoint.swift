import Configuration
import Statistics

/// The cost of computing a place. Trials that differ in nothing that costs time (seeds, rules for the rate) measure the same
/// thing here, so all of their epochs are taken together.
public struct ExecutionPoint: OnAxes, Equatable, Sendable {
  /// What its timings are worth.
  public struct Timing: Encodable, Equatable, Sendable {
    /// Epochs, or parts of one, behind each figure.
    public var epochs: Int
    /// Others, from which the machine took more than the study allows: left out.
    public var disturbed: Int
    /// No epoch was left in peace: the figures are of disturbed ones, and nothing is fitted to them or recommended by them.
    public var isDisturbed: Bool
    /// The share that others took of the epochs that count, at most; nil where the system does not tell.
    public var lostShare: Double?
    /// Seconds of the slowest step in a hundred; nil in results from before that was noted.
    public var stepTail: Double?
    /// The larger distance from the median epoch to an end of its interval, as a share of it; nil for five epochs or fewer.
    public var intervalShare: Double?
  }

  /// The rank that the others waited for.
  public struct SlowestRank: Encodable, Equatable, Sendable {
    /// Its number, of the trials that name one the most frequent.
    public var rank: Int
    /// Its system's name for itself.
    public var host: String
    /// Trials in which it was the one.
    public var trials: Int
    /// All trials of this work.
    public var of: Int
  }

  /// Values on the axes that make a difference to the execution.
  public var values: AxisValues
  /// An estimate for each of `Measure.ofExecution` that was measured; of times, their median.
  public var estimates: [Measure: Estimate]
  /// What the times are worth.
  public var timing: Timing
  /// Where ranks' time went; nil in results from before that was noted.
  public var efficiency: ParallelEfficiency?
  /// nil where no trial lost much to one rank.
  public var slowestRank: SlowestRank?

  /// nil where no trial has the measure.
  public subscript(measure: Measure) -> Estimate? { estimates[measure] }

  /// - Parameter records: completed trials that train; at least one.
  init(_ values: AxisValues, _ records: [TrialRecord], _ study: StudyConfiguration) {
    self.values = values
    let pool = TimedEpochs(records, bound: study.measuring.disturbedAbove)
    let own = pool?.estimates(cost: study.cost) ?? [:]
    let seconds = own[.epochSeconds]
    let measures = records.map { $0.measures(cost: study.cost, target: nil, epochSeconds: seconds?.value) }
    estimates = Dictionary(over: measures, only: Measure.ofExecution).merging(own) { $1 }
    efficiency = pool?.efficiency
    slowestRank = SlowestRank(records)
    timing = Timing(
      epochs: pool?.epochs.count ?? 0, disturbed: pool?.disturbed ?? 0, isDisturbed: pool?.isDisturbed ?? false,
      lostShare: pool?.lostShare, stepTail: pool?.stepTail, intervalShare: pool?.intervalShare)
  }
}

extension ExecutionPoint.SlowestRank {
  fileprivate init?(_ records: [TrialRecord]) {
    let named = Dictionary(grouping: records.compactMap(\.run.slowRank), by: \.rank)
    guard let most = named.max(by: { ($0.value.count, -$0.key) < ($1.value.count, -$1.key) }) else { return nil }
    self.init(rank: most.key, host: most.value[0].host, trials: most.value.count, of: records.count)
  }
}

extension ExecutionPoint: Encodable {
  private enum CodingKeys: String, CodingKey { case estimates, timing, efficiency, slowestRank }

  /// The values beside the estimates.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(estimates, forKey: .estimates)
    try container.encode(timing, forKey: .timing)
    try container.encodeIfPresent(efficiency, forKey: .efficiency)
    try container.encodeIfPresent(slowestRank, forKey: .slowestRank)
  }
}
