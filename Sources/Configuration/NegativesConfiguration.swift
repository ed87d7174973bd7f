/// Which samples of class 0 a run learns from: `data.negatives`.
public struct NegativesConfiguration: Encodable, Equatable, Sendable {
  /// Each is kept with this probability: more than 0 and less than 1.
  public var keep: Double
  /// Seed of the choice. Not the run's own: all seeds of a study learn from the same samples.
  public var seed: UInt64

  /// Where a run file gives none.
  public static let defaultSeed: UInt64 = 1

  /// - Parameter keep: more than 0 and less than 1.
  public init(keep: Double, seed: UInt64 = defaultSeed) {
    self.keep = keep
    self.seed = seed
  }
}

enum NegativesKey: String, SectionKey { case keep, seed }

extension NegativesConfiguration {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<NegativesKey>(node)
    self.init(
      keep: try section.required(.keep).number(.part), seed: try section[.seed]?.seed() ?? Self.defaultSeed)
  }
}
