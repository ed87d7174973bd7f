import Configuration
import Statistics

/// The gain of more ranks at one global batch (strong scaling: the same work, shared by more).
public struct RankScaling: OnAxes, Equatable, Sendable {
  /// A rank count beside the reference.
  public struct Entry: Encodable, Equatable, Sendable {
    /// How many.
    public var ranks: Int
    /// Epoch time on the reference ranks ÷ on these.
    public var speedUp: Double
    /// From the ends of the intervals of both median epochs, which hold both true medians in 90 % of cases or more; nil for the
    /// reference, and where one has none.
    public var speedUpInterval: Interval?
    /// Speed-up ÷ (ranks ÷ reference ranks).
    public var efficiency: Double
    /// (1/S − 1/p) ÷ (1 − 1/p), with p the ranks ÷ the reference ranks: the share of the work that would have to be serial for
    /// this speed-up S (Karp and Flatt 1990). Where it rises with p, overhead grows; where it stays, a part is serial. nil for
    /// the reference.
    public var serialFraction: Double?
  }

  /// Values on all axes of the execution but the ranks.
  public var values: AxisValues
  /// The smallest rank count measured: 1 where it was.
  public var referenceRanks: Int
  /// Seconds of an epoch on the reference ranks.
  public var referenceSeconds: Double
  /// An entry for each rank count, the reference first.
  public var entries: [Entry]
  /// The universal scalability law over ranks ÷ reference ranks; nil for fewer than six rank counts.
  public var law: ScalabilityFit?

  /// - Parameters:
  ///   - seconds: of an epoch, by rank count.
  ///   - intervals: of these medians, where they have some.
  /// - Returns: nil for fewer than two rank counts.
  package init?(_ values: AxisValues, seconds: [Int: Double], intervals: [Int: Interval] = [:]) {
    guard seconds.count > 1, let reference = seconds.keys.min(), let base = seconds[reference] else { return nil }
    self.values = values
    referenceRanks = reference
    referenceSeconds = base
    entries = seconds.sorted { $0.key < $1.key }.map { ranks, seconds in
      let speedUp = base / seconds
      let factor = Double(ranks) / Double(reference)
      return Entry(
        ranks: ranks, speedUp: speedUp,
        speedUpInterval: ranks == reference ? nil : Self.ratio(intervals[reference], over: intervals[ranks]),
        efficiency: speedUp / factor,
        serialFraction: factor > 1 ? (1 / speedUp - 1 / factor) / (1 - 1 / factor) : nil)
    }
    law = ScalabilityFit(entries.map { (Double($0.ranks) / Double(reference), $0.speedUp) })
  }

  /// - Parameter times: of an epoch, by rank count.
  /// - Returns: nil for fewer than two rank counts.
  init?(_ values: AxisValues, times: [Int: Estimate]) {
    self.init(values, seconds: times.mapValues(\.value), intervals: times.compactMapValues(\.medianInterval))
  }

  /// From both 95 % intervals.
  private static func ratio(_ top: Interval?, over bottom: Interval?) -> Interval? {
    guard let top, let bottom, bottom.lower > 0 else { return nil }
    let (lower, upper) = (top.lower / bottom.upper, top.upper / bottom.lower)
    return lower <= upper && upper.isFinite ? Interval(lower: lower, upper: upper, level: 0.9) : nil
  }
}

extension RankScaling: Encodable {
  private enum CodingKeys: String, CodingKey { case referenceRanks, referenceSeconds, entries, law }

  /// The values beside the entries.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(referenceRanks, forKey: .referenceRanks)
    try container.encode(referenceSeconds, forKey: .referenceSeconds)
    try container.encode(entries, forKey: .entries)
    try container.encodeIfPresent(law, forKey: .law)
  }
}
