import Configuration
import Statistics

/// Norms of an epoch's updates and gradients, over the steps in which they were noted: tables left out.
public struct StepNorms: Encodable, Equatable, Sendable {
  /// Noted.
  public var steps: Int
  /// Mean of ‖w after − w before‖₂.
  public var updateMean: Double
  /// Its variance, with n − 1; nil for a single step.
  public var updateVariance: Double?
  /// Of the global batch's gradient before clipping, without weight decay.
  public var gradient: Quantiles

  /// ‖g‖₂ over steps.
  public struct Quantiles: Encodable, Equatable, Sendable {
    /// One step in twenty has less.
    public var percentile5: Double
    /// The step in the middle.
    public var median: Double
    /// One step in twenty has more.
    public var percentile95: Double
    /// One step in a hundred has more.
    public var percentile99: Double
    /// The largest.
    public var maximum: Double
  }

  /// One step's.
  package struct Step {
    /// ‖w after − w before‖₂.
    package var update: Double
    /// ‖g‖₂.
    package var gradient: Double

    package init(update: Double, gradient: Double) {
      self.update = update
      self.gradient = gradient
    }
  }

  /// Nil where no step was noted.
  package init?(_ norms: [Step]) {
    guard let updates = Estimate(norms.map(\.update)) else { return nil }
    let gradients = norms.map(\.gradient)
    steps = norms.count
    updateMean = updates.mean
    updateVariance = updates.standardDeviation.map { $0 * $0 }
    gradient = Quantiles(
      percentile5: gradients.quantile(0.05), median: gradients.quantile(0.5), percentile95: gradients.quantile(0.95),
      percentile99: gradients.quantile(0.99), maximum: gradients.quantile(1))
  }
}

private enum NormsKey: String, SectionKey { case steps, updateMean, updateVariance, gradient }
private enum QuantilesKey: String, SectionKey { case percentile5, median, percentile95, percentile99, maximum }

extension StepNorms {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<NormsKey>(node)
    steps = try section.required(.steps).whole()
    updateMean = try section.required(.updateMean).figure()
    updateVariance = try section.optional(.updateVariance)?.figure()
    let quantiles = try Section<QuantilesKey>(try section.required(.gradient))
    func figure(_ key: QuantilesKey) throws -> Double { try quantiles.required(key).figure() }
    gradient = Quantiles(
      percentile5: try figure(.percentile5), median: try figure(.median), percentile95: try figure(.percentile95),
      percentile99: try figure(.percentile99), maximum: try figure(.maximum))
  }
}
