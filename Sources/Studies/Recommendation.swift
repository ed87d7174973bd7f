import Configuration
import Measurement
import Statistics

/// The place on the axes to use, computed, with all that is needed to judge the choice.
public struct Recommendation: Encodable, Equatable, Sendable {
  /// The rule of what is good enough.
  public enum Criterion: Encodable, Equatable, Sendable {
    /// Every seed reached the study's target.
    case target(value: Double)
    /// No trial is known to reach the target in every seed, or none is stated: mean quality at most `tolerance` from the
    /// best mean, and not worse than the best by the paired comparison.
    case nearBest(tolerance: Double, source: ToleranceSource)
  }

  /// How it is known which differences are chance.
  public enum ToleranceSource: String, Encodable, Sendable {
    /// The median over the compared places of the standard deviation over seeds. Not the pooled one: places that learn
    /// badly differ far more from seed to seed, and would make any other look good enough.
    case seeds
    /// One seed each: one standard error on so many validation samples; of an accuracy √(a(1 − a)/n), of an AUC that of
    /// Hanley and McNeil 1982.
    case validationSamples
    /// One seed each, and nothing known about chance: only the best is good enough.
    case nothing
  }

  /// Least time an epoch, whatever the quality.
  public var fastest: StudyPoint.Place
  /// Least money an epoch, whatever the quality; nil where nothing costs anything.
  public var cheapest: StudyPoint.Place?
  /// Best mean quality.
  public var best: StudyPoint.Place
  /// The place that, of those that are good enough, gets there for the least money, or in the least time where nothing
  /// costs anything.
  public var recommended: StudyPoint.Place
  /// The rule by which places were good enough.
  public var criterion: Criterion
  /// A target was stated, but no place reached it in all of its seeds.
  public var targetMissed: Bool
  /// Every place that is good enough.
  public var goodEnough: [StudyPoint.Place]
  /// The smallest number of seeds behind any compared place.
  public var seeds: Int
  /// From the best, of all others on as many ranks.
  public var differences: [QualityDifference]

  /// nil where no completed trial has the quality that is judged.
  init?(
    _ points: [StudyPoint], _ records: [TrialRecord], _ study: StudyConfiguration, _ quality: JudgedQuality,
    validationSamples: Int?
  ) {
    let measure = quality.measure
    let all = points.filter {
      !$0.isShared && $0[measure] != nil && $0[.epochSeconds] != nil && $0.diverged.isEmpty
    }
    // Other programs take time, not quality.
    let timed = Self.calm(all)
    guard
      let best = all.max(by: { quality.isBetter($1.mean(measure), $0.mean(measure)) }),
      let fastest = timed.min(by: { $0.mean(.epochSeconds) < $1.mean(.epochSeconds) }),
      let cheapest = timed.min(by: { $0.mean(.epochCost) < $1.mean(.epochCost) })
    else { return nil }
    let isFree = study.cost.pricePerNodeHour <= 0
    let reached = all.filter { $0.reachedTarget == $0.seeds.count }
    targetMissed = study.target != nil && reached.isEmpty
    let differences = QualityDifference.all(of: all, from: best, records, study, quality)
    self.differences = differences
    let good: [StudyPoint]
    if let target = study.target, !reached.isEmpty {
      criterion = .target(value: target.value)
      good = reached
    } else {
      let (tolerance, source) = Self.tolerance(all, best, quality, validationSamples)
      criterion = .nearBest(tolerance: tolerance, source: source)
      let worse = Set(differences.filter { $0.verdict == .worse }.map(\.place))
      good = all.filter {
        abs($0.mean(measure) - best.mean(measure)) <= tolerance && !worse.contains($0.place)
      }
    }
    let price: Measure =
      switch (criterion, isFree) {
      case (.target, false): .costToTarget
      case (.target, true): .secondsToTarget
      case (.nearBest, false): .trainingCost
      case (.nearBest, true): .trainingSeconds
      }
    recommended = (Self.calm(good).min { $0.mean(price) < $1.mean(price) } ?? best).place
    self.fastest = fastest.place
    self.cheapest = isFree ? nil : cheapest.place
    self.best = best.place
    goodEnough = good.map(\.place)
    seeds = all.map(\.seeds.count).min() ?? 0
  }

  /// Those whose times are their own, as long as there are such.
  private static func calm(_ points: [StudyPoint]) -> [StudyPoint] {
    let calm = points.filter { !$0.isDisturbed }
    return calm.isEmpty ? points : calm
  }

  private static func tolerance(
    _ candidates: [StudyPoint], _ best: StudyPoint, _ quality: JudgedQuality, _ validationSamples: Int?
  ) -> (Double, ToleranceSource) {
    let repeated = candidates.compactMap { $0[quality.measure]?.standardDeviation }
    if !repeated.isEmpty { return (Spread(repeated).median, .seeds) }
    let (value, samples) = (best.mean(quality.measure), Double(max(1, validationSamples ?? 1)))
    switch quality {
    case .accuracy: return (QualityErrors.ofShare(value, samples: samples), .validationSamples)
    case .areaUnderCurve:
      return (
        QualityErrors.ofAreaUnderCurve(value, samples: samples, positives: best.positives), .validationSamples
      )
    case .loss: return (0, .nothing)
    }
  }
}

extension StudyPoint {
  /// Infinite where it is not known, so that it is never the least.
  fileprivate func mean(_ measure: Measure) -> Double { self[measure]?.value ?? .infinity }

  /// The positives' share, from the entropy that log loss ÷ normalised entropy is; a half where that is not known.
  fileprivate var positives: Double {
    guard let loss = self[.validationLoss]?.value, let normalized = self[.validationNormalizedEntropy]?.value,
      normalized > 0
    else { return 0.5 }
    return BinaryEntropy.share(of: loss / normalized)
  }
}
