/// How a running statistic follows what it is of: one update for so many samples, running ← (1 − w)·running + w·value, in
/// the order of the samples.
///
/// The updates of a whole global batch come to (1 − w)^G·running + Σ w·(1 − w)^(G − 1 − j)·value_j. The sum travels where
/// gradients do, so that microbatches and ranks add it up; `kept` is the first term's factor.
public struct MovingAverage: Hashable, Sendable {
  /// w: of a value in the average.
  public let weight: Double
  /// Samples of one update; the last of a global batch may have fewer.
  public let samples: Int

  /// Takes w and the samples of one update.
  public init(weight: Double, samples: Int) {
    self.weight = weight
    self.samples = samples
  }

  /// Updates that so many samples make, the last one with whatever is left.
  public func updates(for samples: Int) -> Int { (samples + self.samples - 1) / self.samples }

  /// (1 − w)^updates. Computed by squaring: no library call, the same bits everywhere.
  public func kept(after updates: Int) -> Double {
    var (result, square, left) = (1.0, 1 - weight, updates)
    while left > 0 {
      if left % 2 == 1 { result *= square }
      square *= square
      left /= 2
    }
    return result
  }

  /// The factor with which the value of one update enters the sum of a global batch.
  /// - Parameter later: updates of the same global batch that come after it.
  public func share(later: Int) -> Double { weight * kept(after: later) }
}
