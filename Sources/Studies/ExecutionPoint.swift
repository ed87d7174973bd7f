import Configuration
import Statistics

/// The cost of computing a place. Trials that differ in nothing that costs time (seeds, rules for the rate) measure the same
/// thing here, so all of them are taken together.
public struct ExecutionPoint: OnAxes, Equatable, Sendable {
  /// Values on the axes that make a difference to the execution.
  public var values: AxisValues
  /// An estimate for each of `Measure.ofExecution` that was measured.
  public var estimates: [Measure: Estimate]

  /// nil where no trial has the measure.
  public subscript(measure: Measure) -> Estimate? { estimates[measure] }
}

extension ExecutionPoint: Encodable {
  private enum CodingKeys: String, CodingKey { case estimates }

  /// The values beside the estimates.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(estimates, forKey: .estimates)
  }
}
