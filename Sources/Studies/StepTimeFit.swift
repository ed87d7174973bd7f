import Configuration
import Statistics

/// How long a step takes against its global batch, on so many ranks: t(B) = a + bB. Time that does not grow with the
/// batch (starting kernels, the exchange, the update) is a; 1/b samples a second is what a batch without bounds would
/// reach.
public struct StepTimeFit: OnAxes, Equatable, Sendable {
  /// The share of a step that does not grow with its batch.
  public struct Overhead: Encodable, Equatable, Sendable {
    /// Samples of the step.
    public var globalBatch: Int
    /// a ÷ (a + bB).
    public var share: Double
  }

  /// Values on all axes of the execution but the global batch.
  public var values: AxisValues
  /// Seconds against samples; one point a trial.
  public var linear: LinearFit
  /// cB^p, to compare with.
  public var power: PowerFit?
  /// Those that were fitted, rising.
  public var globalBatches: [Int]
  /// Empty where the intercept came out below 0, so that no overhead can be told.
  public var overhead: [Overhead]
  /// 1/b, of all ranks together; nil where b came out at or below 0.
  public var asymptoticSamplesPerSecond: Double?

  /// - Parameter trials: global batch and seconds of a step.
  init?(_ values: AxisValues, trials: [(globalBatch: Int, seconds: Double)]) {
    let (x, y) = (trials.map { Double($0.globalBatch) }, trials.map(\.seconds))
    guard let linear = LinearFit(x: x, y: y) else { return nil }
    self.values = values
    self.linear = linear
    power = PowerFit(x: x, y: y)
    globalBatches = Set(trials.map(\.globalBatch)).sorted()
    overhead = globalBatches.compactMap { globalBatch in
      linear.interceptShare(at: Double(globalBatch)).map { Overhead(globalBatch: globalBatch, share: $0) }
    }
    asymptoticSamplesPerSecond = linear.slope > 0 ? 1 / linear.slope : nil
  }
}

extension StepTimeFit: Encodable {
  private enum CodingKeys: String, CodingKey { case linear, power, globalBatches, overhead, asymptoticSamplesPerSecond }

  /// The values beside the fit.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(linear, forKey: .linear)
    try container.encodeIfPresent(power, forKey: .power)
    try container.encode(globalBatches, forKey: .globalBatches)
    try container.encode(overhead, forKey: .overhead)
    try container.encodeIfPresent(asymptoticSamplesPerSecond, forKey: .asymptoticSamplesPerSecond)
  }
}
