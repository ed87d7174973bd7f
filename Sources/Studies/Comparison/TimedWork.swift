import Configuration
import Glibc
import Statistics

/// What one study measured of the time of one kind of work.
public struct TimedWork: Encodable, Equatable, Sendable {
  /// Of an epoch: the median, and its interval from six epochs on.
  public var seconds: Estimate
  /// Epochs behind it.
  public var epochs: Int
  /// Trials and rounds that they are from.
  public var trials: Int
  /// Others took too much of all of them.
  public var isDisturbed: Bool
  /// The share of these epochs that other programs took, of the epoch in the middle; nil where the system does not tell.
  public var lostShare: Double?
  /// Logarithms of epochs' seconds.
  let logarithms: [Double]
  /// The logarithm of each trial's median epoch.
  let trialLogarithms: [Double]

  private enum CodingKeys: String, CodingKey { case seconds, epochs, trials, isDisturbed, lostShare }

  /// - Parameter records: completed trials that train and compute the same.
  /// - Returns: nil where no epoch took a time.
  init?(_ records: [TrialRecord], bound: Double) {
    guard let pool = TimedEpochs(records, bound: bound) else { return nil }
    let times = pool.epochSeconds.filter { $0 > 0 && $0.isFinite }
    guard let seconds = Estimate.ofTimings(times) else { return nil }
    self.seconds = seconds
    epochs = times.count
    trials = records.count
    isDisturbed = pool.isDisturbed
    lostShare = pool.epochs.compactMap(\.ledger.lostShare).median
    logarithms = times.map { log($0) }
    trialLogarithms = records.compactMap { record in
      guard let own = TimedEpochs([record], bound: bound), own.isDisturbed == pool.isDisturbed else { return nil }
      return own.epochSeconds.filter { $0 > 0 && $0.isFinite }.median.map { log($0) }
    }
  }
}
