import Configuration
import Statistics

/// How much gradients differ from sample to sample: plain means of the unbiased estimates of measured steps, so that means of
/// several stretches pool by their `steps`.
public struct GradientNoise: Encodable, Equatable, Sendable {
  /// Measured.
  public var steps: Int
  /// Of dense weights.
  public var dense: NoiseEstimate
  /// Of embedding tables; nil where the model has none.
  public var tables: NoiseEstimate?

  /// Means over so many steps.
  public init(steps: Int, dense: NoiseEstimate, tables: NoiseEstimate? = nil) {
    self.steps = steps
    self.dense = dense
    self.tables = tables
  }
}

/// Sums over measured steps: of one rank its share of them, of all ranks together the estimates themselves.
struct NoiseSums {
  /// The first rank counts.
  var steps = 0
  var dense = NoiseEstimate()
  var tables = NoiseEstimate()

  static func += (sums: inout NoiseSums, other: NoiseSums) {
    sums.steps += other.steps
    sums.dense += other.dense
    sums.tables += other.tables
  }

  /// Nil where nothing was measured.
  func mean(hasTables: Bool) -> GradientNoise? {
    guard steps > 0 else { return nil }
    func mean(_ sum: NoiseEstimate) -> NoiseEstimate {
      NoiseEstimate(trace: sum.trace / Double(steps), squaredNorm: sum.squaredNorm / Double(steps))
    }
    return GradientNoise(steps: steps, dense: mean(dense), tables: hasTables ? mean(tables) : nil)
  }
}

extension NoiseSums {
  /// For messages between ranks.
  var figures: [Double] { [Double(steps), dense.trace, dense.squaredNorm, tables.trace, tables.squaredNorm] }

  init(figures: [Double]) {
    steps = Int(figures[0])
    dense = NoiseEstimate(trace: figures[1], squaredNorm: figures[2])
    tables = NoiseEstimate(trace: figures[3], squaredNorm: figures[4])
  }
}

private enum NoiseKey: String, SectionKey { case steps, dense, tables }
private enum EstimateKey: String, SectionKey { case trace, squaredNorm }

extension GradientNoise {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<NoiseKey>(node)
    self.init(
      steps: try section.required(.steps).whole(), dense: try NoiseEstimate(try section.required(.dense)),
      tables: try section.optional(.tables).map { try NoiseEstimate($0) })
  }
}

extension NoiseEstimate {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<EstimateKey>(node)
    self.init(
      trace: try section.required(.trace).figure(), squaredNorm: try section.required(.squaredNorm).figure())
  }
}
