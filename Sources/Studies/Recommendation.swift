import Configuration

/// Which place on the axes to use, computed, with all that is needed to judge the choice.
public struct Recommendation: Codable, Equatable, Sendable {
  /// What counts as good enough.
  public enum Criterion: Codable, Equatable, Sendable {
    /// Every seed reached the study's target.
    case target(validationAccuracy: Double)
    /// No trial is known to reach the target in every seed, or none is stated: mean validation accuracy at most
    /// `tolerance` below the best mean.
    case nearBest(tolerance: Double, source: ToleranceSource)
  }

  public enum ToleranceSource: String, Codable, Sendable {
    /// The standard deviation over seeds, pooled over the compared places.
    case seeds
    /// One seed each: one standard error of an accuracy on so many validation samples, √(a(1 − a)/n).
    case validationSamples
  }

  /// Least time an epoch, whatever the quality.
  public var fastest: StudyPoint.Place
  /// Least money an epoch, whatever the quality; nil where nothing costs anything.
  public var cheapest: StudyPoint.Place?
  /// Highest mean validation accuracy.
  public var best: StudyPoint.Place
  /// Of those that are good enough, the one that gets there for the least money, or in the least time where nothing
  /// costs anything.
  public var recommended: StudyPoint.Place
  public var criterion: Criterion
  /// A target was stated, but no place reached it in all of its seeds.
  public var targetMissed: Bool
  /// Every place that is good enough.
  public var goodEnough: [StudyPoint.Place]
  /// The smallest number of seeds behind any compared place.
  public var seeds: Int

  /// nil where no completed trial has a validation accuracy.
  init?(_ points: [StudyPoint], _ study: StudyConfiguration, validationSamples: Int?) {
    let candidates =
      points.filter {
        !$0.isShared && $0[.validationAccuracy] != nil && $0[.epochSeconds] != nil && $0.diverged.isEmpty
      } + Self.sharedOnly(points)
    guard
      let best = candidates.max(by: { $0.mean(.validationAccuracy) < $1.mean(.validationAccuracy) }),
      let fastest = candidates.min(by: { $0.mean(.epochSeconds) < $1.mean(.epochSeconds) }),
      let cheapest = candidates.min(by: { $0.mean(.epochCost) < $1.mean(.epochCost) })
    else { return nil }
    let isFree = study.cost.pricePerNodeHour <= 0
    let reached = candidates.filter { $0.reachedTarget == $0.seeds.count }
    targetMissed = study.target != nil && reached.isEmpty
    let good: [StudyPoint]
    if let target = study.target, !reached.isEmpty {
      criterion = .target(validationAccuracy: target.validationAccuracy)
      good = reached
    } else {
      let (tolerance, source) = Self.tolerance(candidates, best, validationSamples)
      criterion = .nearBest(tolerance: tolerance, source: source)
      good = candidates.filter { $0.mean(.validationAccuracy) >= best.mean(.validationAccuracy) - tolerance }
    }
    let price: Measure =
      switch (criterion, isFree) {
      case (.target, false): .costToTarget
      case (.target, true): .secondsToTarget
      case (.nearBest, false): .trainingCost
      case (.nearBest, true): .trainingSeconds
      }
    recommended = (good.min { $0.mean(price) < $1.mean(price) } ?? best).place
    self.fastest = fastest.place
    self.cheapest = isFree ? nil : cheapest.place
    self.best = best.place
    goodEnough = good.map(\.place)
    seeds = candidates.map(\.seeds.count).min() ?? 0
  }

  /// The base batch of a study that has no `none` curve.
  private static func sharedOnly(_ points: [StudyPoint]) -> [StudyPoint] {
    guard !points.contains(where: { $0.place.scaling == .none }) else { return [] }
    var seen: Set<[Int]> = []
    return points.filter {
      $0.isShared && $0[.validationAccuracy] != nil && $0[.epochSeconds] != nil && $0.diverged.isEmpty
        && seen.insert([$0.place.globalBatch, $0.place.ranks]).inserted
    }
  }

  private static func tolerance(
    _ candidates: [StudyPoint], _ best: StudyPoint, _ validationSamples: Int?
  ) -> (Double, ToleranceSource) {
    let repeated = candidates.compactMap { $0[.validationAccuracy] }.filter { $0.standardDeviation != nil }
    let freedom = repeated.reduce(0) { $0 + Double($1.count - 1) }
    if freedom > 0 {
      let squares = repeated.reduce(0) {
        let deviation = $1.standardDeviation ?? 0
        return $0 + deviation * deviation * Double($1.count - 1)
      }
      return ((squares / freedom).squareRoot(), .seeds)
    }
    let accuracy = best.mean(.validationAccuracy)
    return ((accuracy * (1 - accuracy) / Double(max(1, validationSamples ?? 1))).squareRoot(), .validationSamples)
  }
}

extension StudyPoint {
  /// Infinite where it is not known, so that it is never the least.
  fileprivate func mean(_ measure: Measure) -> Double { self[measure]?.mean ?? .infinity }
}
