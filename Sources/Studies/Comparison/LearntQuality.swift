import Configuration
import Statistics

/// What one study measured of the quality that one setting learns.
public struct LearntQuality: Encodable, Equatable, Sendable {
  /// Over seeds; nil where none completed.
  public var quality: Estimate?
  /// Ranks of the trials: the most that the study ran the setting on, for they change nothing.
  public var ranks: Int
  /// Trials that diverged.
  public var diverged: Int
  /// By seed.
  let bySeed: [UInt64: Double]
  /// Of the final weights, by seed.
  let hashes: [UInt64: String]

  private enum CodingKeys: String, CodingKey { case quality, ranks, diverged }

  /// - Parameter records: a setting's trials, on any ranks.
  init?(_ records: [TrialRecord], _ study: StudyConfiguration, _ measure: Measure) {
    guard let ranks = records.map(\.trial.ranks).max() else { return nil }
    let own = records.filter { $0.trial.ranks == ranks }
    let completed = own.filter { $0.run.finalOutcome == .completed }
    self.ranks = ranks
    diverged = own.filter { if case .diverged = $0.run.finalOutcome { true } else { false } }.count
    bySeed = Dictionary(
      completed.compactMap { record in
        record.measures(cost: study.cost, target: nil)[measure].map { (record.trial.seed, $0) }
      }, uniquingKeysWith: { first, _ in first })
    hashes = Dictionary(
      completed.map { ($0.trial.seed, $0.run.weightsSHA256) }, uniquingKeysWith: { first, _ in first })
    quality = Estimate(bySeed.sorted { $0.key < $1.key }.map(\.value))
  }
}

/// How the quality of the same setting differs in another study.
public struct LearntDifference: Encodable, Equatable, Sendable {
  /// The test behind the interval.
  public enum Test: String, Encodable, Sendable {
    /// Student's, of differences at the same seed: what the seed does to both falls out.
    case paired
    /// Welch's, of two independent samples: fewer than two seeds are the same.
    case welch
  }

  /// Mean − the first study's mean: over the seeds that both have, or of all; nil where one has none.
  public var difference: Double?
  /// All intervals of a comparison together hold the true differences in 95 % of comparisons (Bonferroni); nil for too few seeds.
  public var interval: Interval?
  /// nil where there is no interval.
  public var test: Test?
  /// What follows from the interval.
  public var verdict: QualityDifference.Verdict
  /// Every seed that both have ended in the same weights, to the bit.
  public var hasSameBits: Bool

  /// - Parameter comparisons: made together.
  init(
    _ place: ComparedPlace, from first: LearntQuality, to other: LearntQuality, comparisons: Int, isBetterHigher: Bool
  ) {
    let common = first.hashes.keys.filter { other.hashes[$0] != nil }
    hasSameBits = !common.isEmpty && common.allSatisfy { first.hashes[$0] == other.hashes[$0] }
    let paired = QualityDifference(
      StudyPoint.Place(place.values), other.bySeed, best: first.bySeed, comparisons: comparisons,
      isBetterHigher: isBetterHigher)
    (difference, interval, verdict, test) = (paired.difference, paired.interval, paired.verdict, .paired)
    guard interval == nil else { return }
    (difference, test) = (Self.difference(from: first, to: other) ?? paired.difference, nil)
    guard let welch = WelchTest(Array(other.bySeed.values).sorted(), Array(first.bySeed.values).sorted()) else {
      return
    }
    let found = welch.interval(level: 1 - 0.05 / Double(max(1, comparisons)))
    (interval, test) = (found, .welch)
    verdict = found.contains(0) ? .undecided : (found.lower > 0) == isBetterHigher ? .better : .worse
  }

  private static func difference(from first: LearntQuality, to other: LearntQuality) -> Double? {
    guard let a = first.quality, let b = other.quality else { return nil }
    return b.mean - a.mean
  }
}
