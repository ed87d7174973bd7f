import Configuration

/// What a linear probe reads off the representations of a contrastive run's final weights.
public struct ProbeRecord: Encodable, Equatable, Sendable {
  /// Fraction right of the samples that the run was judged by.
  public var accuracy: Double
  /// The same of the test set, where the run was judged by a validation set.
  public var testAccuracy: Double?
  /// L2's factor, chosen on a part of the references.
  public var penalty: Double
  /// Training samples whose labels it learnt from.
  public var references: Int

  /// Figures of one probe.
  public init(accuracy: Double, testAccuracy: Double? = nil, penalty: Double, references: Int) {
    self.accuracy = accuracy
    self.testAccuracy = testAccuracy
    self.penalty = penalty
    self.references = references
  }
}

private enum ProbeKey: String, SectionKey { case accuracy, testAccuracy, penalty, references }

extension ProbeRecord {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ProbeKey>(node)
    let share = NumberRule.range(0...1)
    self.init(
      accuracy: try section.required(.accuracy).figure(share),
      testAccuracy: try section.optional(.testAccuracy)?.figure(share),
      penalty: try section.required(.penalty).figure(.notNegative),
      references: try section.required(.references).whole())
  }
}
