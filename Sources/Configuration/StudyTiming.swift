/// How a study measures time: the section `timing`.
public struct StudyTiming: Encodable, Equatable, Sendable {
  /// The share of an epoch's time from which what others took makes it disturbed: it then stands in no figure as long as there is
  /// another.
  public var disturbedAbove: Double
  /// How many times work is timed again of which no epoch was left in peace.
  public var retakes: Int
  /// Work is timed again until its median epoch is known to this share of it, with 95 % confidence; nil: never for that.
  public var interval: Double?
  /// Rounds of timing for that, the trials themselves the first.
  public var atMost: Int

  /// As a study file that says nothing.
  public init(disturbedAbove: Double = 0.05, retakes: Int = 2, interval: Double? = nil, atMost: Int = 7) {
    self.disturbedAbove = disturbedAbove
    self.retakes = retakes
    self.interval = interval
    self.atMost = atMost
  }
}

/// The order in which a study's trials run.
public enum TrialOrder: String, Encodable, CaseIterable, Sendable {
  /// Of each part and seed by chance, keyed by the study's first seed, so that a machine that grows slower is not read as an
  /// effect of what comes later in the file.
  case shuffled
  /// As the axes stand in the file.
  case file
}

enum TimingKey: String, SectionKey { case disturbedAbove, retakes, interval, atMost }

extension StudyTiming {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<TimingKey>(node)
    self.init()
    disturbedAbove = try section.optional(.disturbedAbove)?.number(.positive) ?? disturbedAbove
    retakes = try section.optional(.retakes)?.whole(in: 0...100) ?? retakes
    interval = try section.optional(.interval)?.number(.fraction)
    atMost = try section.optional(.atMost)?.whole(in: 1...1000) ?? atMost
  }
}
