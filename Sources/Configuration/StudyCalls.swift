/// How the compute calls of a study are timed: a study with this trains nothing to its end, but times single calls of
/// `axes.globalBatch` examples each, on one rank.
public struct StudyCalls: Encodable, Equatable, Sendable {
  /// Each size of call is repeated until both are reached.
  public var leastRepeats: Int
  /// Seconds that the repeats take at least.
  public var leastSeconds: Double

  /// With a study file's defaults.
  public init(leastRepeats: Int = 30, leastSeconds: Double = 1) {
    self.leastRepeats = leastRepeats
    self.leastSeconds = leastSeconds
  }
}

enum CallsKey: String, SectionKey { case leastRepeats, leastSeconds }

extension StudyCalls {
  init(_ section: Section<CallsKey>) throws {
    self.init()
    leastRepeats = try section[.leastRepeats]?.whole(in: 3...100_000) ?? leastRepeats
    leastSeconds = try section[.leastSeconds]?.number(.notNegative) ?? leastSeconds
  }
}
