import Configuration
import Statistics
import Training

/// How a setting's quality differs from the best one's, paired by seed: trials of one seed share their data's order and starting
/// weights where they can, so what the seed does to both falls out.
public struct QualityDifference: Encodable, Equatable, Sendable {
  /// What the difference shows.
  public enum Verdict: String, Encodable, Sendable {
    /// The interval holds differences of one sign only.
    case better, worse
    /// It holds 0, or there are too few seeds for one.
    case undecided
  }

  /// The setting.
  public var place: StudyPoint.Place
  /// Seeds that both have.
  public var seeds: Int
  /// Mean over seeds of the setting's quality − the best's; nil where they share no seed.
  public var difference: Double?
  /// Student's, of the paired differences; together the intervals of all pairs of settings hold the true differences in 95 % of
  /// studies (Bonferroni): of all pairs, since chance has a part in which setting is best. nil for fewer than two seeds.
  public var interval: Interval?
  /// What follows from the interval.
  public var verdict: Verdict

  /// - Parameters:
  ///   - quality: of the setting, by seed.
  ///   - best: of the best.
  ///   - comparisons: made in the study.
  package init(
    _ place: StudyPoint.Place, _ quality: [UInt64: Double], best: [UInt64: Double], comparisons: Int,
    isBetterHigher: Bool
  ) {
    let differences = quality.keys.sorted().compactMap { seed in best[seed].map { quality[seed]! - $0 } }
    let estimate = Estimate(differences)
    let interval = estimate?.interval(level: 1 - 0.05 / Double(max(1, comparisons)))
    self.place = place
    seeds = differences.count
    difference = estimate?.mean
    self.interval = interval
    guard let interval, !interval.contains(0) else {
      verdict = .undecided
      return
    }
    verdict = (interval.lower > 0) == isBetterHigher ? .better : .worse
  }
}

extension QualityDifference {
  /// Of all settings on the best one's ranks, in their order.
  static func all(
    of candidates: [StudyPoint], from best: StudyPoint, _ records: [TrialRecord], _ study: StudyConfiguration,
    _ quality: JudgedQuality
  ) -> [QualityDifference] {
    let others = candidates.filter { $0.place != best.place && $0.place.ranks == best.place.ranks }
    let figures = SeedFigures(study, records)
    func bySeed(_ point: StudyPoint) -> [UInt64: Double] { figures(quality.measure, at: point.place) }
    let top = bySeed(best)
    let pairs = others.count * (others.count + 1) / 2
    return others.map {
      QualityDifference(
        $0.place, bySeed($0), best: top, comparisons: pairs, isBetterHigher: quality.isBetterHigher)
    }
  }
}
