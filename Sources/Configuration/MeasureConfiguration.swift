/// What a run looks at besides its quality and its time: the section `measure`. Nothing here changes what is learnt.
public struct MeasureConfiguration: Encodable, Equatable, Sendable {
  /// How much gradients of microbatches differ; nil: not looked at.
  public var noiseScale: NoiseScale?
  /// How far weights go, and in what steps; nil: not looked at.
  public var distances: Distances?

  /// The gradient noise scale of McCandlish et al. 2018: `measure.noiseScale`.
  public struct NoiseScale: Encodable, Equatable, Sendable {
    /// Every so many updates one is measured.
    public var everySteps: Int

    /// With a run file's default.
    public init(everySteps: Int = 10) { self.everySteps = everySteps }
  }

  /// Distances from the start, and norms of updates and gradients: `measure.distances`.
  public struct Distances: Encodable, Equatable, Sendable {
    /// Every so many updates the norms of one are noted; distances from the start have updates of their own.
    public var everySteps: Int

    /// With a run file's default.
    public init(everySteps: Int = 1) { self.everySteps = everySteps }
  }

  /// What is nil is not looked at.
  public init(noiseScale: NoiseScale? = nil, distances: Distances? = nil) {
    self.noiseScale = noiseScale
    self.distances = distances
  }
}

enum MeasureKey: String, SectionKey { case noiseScale, distances }
enum NoiseScaleKey: String, SectionKey { case everySteps }
enum DistancesKey: String, SectionKey { case everySteps }

extension MeasureConfiguration {
  /// Nil where nothing is asked for.
  init?(_ section: Section<MeasureKey>) throws {
    self.init(
      noiseScale: try section.optional(.noiseScale).map(NoiseScale.init),
      distances: try section.optional(.distances).map(Distances.init))
    if self == MeasureConfiguration() { return nil }
  }
}

extension MeasureConfiguration.NoiseScale {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    everySteps = try Section<NoiseScaleKey>(node)[.everySteps]?.whole() ?? everySteps
  }
}

extension MeasureConfiguration.Distances {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    everySteps = try Section<DistancesKey>(node)[.everySteps]?.whole() ?? everySteps
  }
}
