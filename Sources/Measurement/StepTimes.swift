import Statistics

/// Seconds of an epoch's training steps, load to update, without what is short or prepares others. Of each figure, the
/// slowest rank's.
public struct StepTimes: Encodable, Equatable, Sendable {
  /// Half of the steps took no longer, as the next two say of 95 and 99 of a hundred.
  public var median: Double
  public var percentile95: Double
  public var percentile99: Double
  public var maximum: Double

  /// Known figures, which rise.
  public init(median: Double, percentile95: Double, percentile99: Double, maximum: Double) {
    self.median = median
    self.percentile95 = percentile95
    self.percentile99 = percentile99
    self.maximum = maximum
  }

  /// nil for no steps.
  public init?(_ seconds: [Double]) {
    guard !seconds.isEmpty else { return nil }
    self.init(
      median: seconds.quantile(0.5), percentile95: seconds.quantile(0.95), percentile99: seconds.quantile(0.99),
      maximum: seconds.quantile(1))
  }
}
