/// A validation set that is taken from the training set: `data.validation`.
public struct ValidationConfiguration: Equatable, Sendable {
  /// How much of the training samples that `limit` leaves.
  public enum Size: Equatable, Sendable {
    /// More than 0 and less than 1.
    case fraction(Double)
    /// Samples.
    case count(Int)
  }

  /// How many samples are taken.
  public var size: Size
  /// Seed of the choice of samples. Not the run's own: all seeds of a study are judged by the same samples.
  public var seed: UInt64

  /// Where a run file gives none.
  public static let defaultSeed: UInt64 = 1

  /// - Parameter size: whether it fits the data is seen when they are opened.
  public init(_ size: Size, seed: UInt64 = defaultSeed) {
    self.size = size
    self.seed = seed
  }

  /// Samples taken from `samples`, to the nearest one: it may be none, or all.
  public func count(of samples: Int) -> Int {
    switch size {
    case .fraction(let fraction): Int((fraction * Double(samples)).rounded())
    case .count(let count): count
    }
  }
}

extension ValidationConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey { case fraction, count, seed }

  /// As a run file has it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch size {
    case .fraction(let fraction): try container.encode(fraction, forKey: .fraction)
    case .count(let count): try container.encode(count, forKey: .count)
    }
    try container.encode(seed, forKey: .seed)
  }
}

enum ValidationKey: String, SectionKey { case fraction, count, seed }

extension ValidationConfiguration {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ValidationKey>(node)
    let fraction = try section.optional(.fraction)?.number(.part)
    let count = try section.optional(.count)?.whole()
    let seed = try section[.seed]?.seed() ?? Self.defaultSeed
    switch (fraction, count) {
    case (let fraction?, nil): self.init(.fraction(fraction), seed: seed)
    case (nil, let count?): self.init(.count(count), seed: seed)
    default: throw node.error("\(node.path) needs exactly one of fraction, count")
    }
  }
}

extension NumberRule {
  /// A share that is something, and leaves something.
  package static let part = NumberRule(words: "more than 0 and less than 1") { $0 > 0 && $0 < 1 }
}
