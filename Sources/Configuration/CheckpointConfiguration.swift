/// When a run writes down all that it needs to go on from there: the section `checkpoint`. Nothing here changes what is learnt.
public struct CheckpointConfiguration: Encodable, Equatable, Sendable {
  /// When one is due.
  public var interval: Interval
  /// The newest so many stay.
  public var keep: Int
  /// Every so many stay for good, the first of them being the so-manyth; nil: none does.
  public var keepEvery: Int?

  /// The interval from one checkpoint to the next.
  public enum Interval: Equatable, Sendable {
    /// Every so many updates.
    case steps(Int)
    /// As soon as so many seconds have passed.
    case seconds(Double)
    /// As Young (1974) and Daly (2006) have it: √(2 × the seconds that a checkpoint holds training up × the mean seconds between
    /// failures).
    case auto(meanTimeBetweenFailures: Double)
  }

  /// With a run file's default.
  public init(_ interval: Interval, keep: Int = 2, keepEvery: Int? = nil) {
    self.interval = interval
    self.keep = keep
    self.keepEvery = keepEvery
  }

  private enum CodingKeys: String, CodingKey { case everySteps, everySeconds, meanTimeBetweenFailures, keep, keepEvery }
  private static let auto = "auto"

  /// As a run file has it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch interval {
    case .steps(let steps): try container.encode(steps, forKey: .everySteps)
    case .seconds(let seconds): try container.encode(seconds, forKey: .everySeconds)
    case .auto(let time):
      try container.encode(Self.auto, forKey: .everySeconds)
      try container.encode(time, forKey: .meanTimeBetweenFailures)
    }
    try container.encode(keep, forKey: .keep)
    try container.encodeIfPresent(keepEvery, forKey: .keepEvery)
  }
}

enum CheckpointKey: String, SectionKey { case everySteps, everySeconds, meanTimeBetweenFailures, keep, keepEvery }

extension CheckpointConfiguration {
  /// Where nothing is said: at most ten minutes are lost, and a second's stall is a sixth of a percent.
  private static let usual = 600.0
  /// About a year: beyond it nothing is meant.
  private static let seconds = NumberRule.range(0.001...31_536_000)

  init(_ section: Section<CheckpointKey>) throws {
    self.init(
      try Self.interval(section), keep: try section[.keep]?.whole(in: 1...1000) ?? 2,
      keepEvery: try section.optional(.keepEvery)?.whole())
  }

  private static func interval(_ section: Section<CheckpointKey>) throws -> Interval {
    let node = section.node
    let (steps, seconds) = (section.optional(.everySteps), section.optional(.everySeconds))
    let isAuto = seconds.map { if case .scalar(Self.auto, _) = $0.content { true } else { false } } ?? false
    if !isAuto {
      try section.refuse(.meanTimeBetweenFailures, unless: "everySeconds auto", because: "a stated interval")
    }
    switch (steps, seconds) {
    case (let steps?, nil): return .steps(try steps.whole())
    case (nil, let seconds?) where !isAuto: return .seconds(try seconds.number(Self.seconds))
    case (nil, _?):
      return .auto(meanTimeBetweenFailures: try section.required(.meanTimeBetweenFailures).number(Self.seconds))
    case (_?, let seconds?):
      throw seconds.error("\(node.pathOf("everySteps")) and \(seconds.path) are two intervals: remove one of the two")
    case (nil, nil):
      return .seconds(Self.usual)
    }
  }
}
