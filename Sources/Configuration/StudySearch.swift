import Foundation
import Statistics

/// Settings that a study looks for at every place of its axes, in as many trials at each: the section `search`. So settings are
/// compared each at the best of an equal number of tries.
public struct StudySearch: Equatable, Sendable {
  /// Settings that are tried at each place, the same ones everywhere.
  public var trials: Int
  /// Of the trials' starting weights and order, and of the points that are tried. None of the study's own seeds: what was chosen
  /// is judged by others.
  public var seed: UInt64
  /// In the order of their keys, so that a study that was stored tries the same points.
  public var ranges: [Range]

  /// The values that a key of the run may take.
  public struct Range: Equatable, Sendable {
    /// The dotted path of the run's key.
    public var key: String
    /// How values lie between the ends.
    public var scale: Scale
    /// Of the value; of `oneMinusLog` of 1 − value.
    public var low: Double
    /// As `low`, and more.
    public var high: Double

    /// A range of a key.
    public init(key: String, scale: Scale, low: Double, high: Double) {
      self.key = key
      self.scale = scale
      self.low = low
      self.high = high
    }
  }

  /// How values lie between the ends of a range.
  public enum Scale: String, CaseIterable, Sendable {
    /// Evenly.
    case linear
    /// Their logarithms evenly.
    case log
    /// Logarithms of 1 − value evenly: of a momentum, whose distance from 1 counts.
    case oneMinusLog
  }

  /// - Parameter ranges: each key once.
  public init(trials: Int, seed: UInt64 = Self.defaultSeed, ranges: [Range]) {
    self.trials = trials
    self.seed = seed
    self.ranges = ranges.sorted { $0.key < $1.key }
  }

  /// Where a study file gives none.
  public static let defaultSeed: UInt64 = 0
  /// Each is looked at before the study begins.
  static let mostTrials = 1000
}

extension StudySearch.Range {
  /// The value at a coordinate from 0 to 1, to six digits, so that processors whose logarithms differ in the last bit try the same.
  public func value(at coordinate: Double) -> Double {
    switch scale {
    case .linear: Self.rounded(low + coordinate * (high - low))
    case .log: Self.rounded(power(coordinate))
    case .oneMinusLog: 1 - Self.rounded(power(coordinate))
    }
  }

  private func power(_ coordinate: Double) -> Double { exp(log(low) + coordinate * (log(high) - log(low))) }

  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.5e", value)) ?? value }
}

extension StudySearch {
  /// What the trials of a place try, in order: the first points of a scrambled Halton sequence, so that more trials add to those
  /// that there are.
  public var settings: [SearchSettings] {
    let sequence = HaltonSequence(dimensions: ranges.count, seed: seed)
    return (0..<trials).map { number in
      let values = zip(ranges, sequence.point(number)).map { ($0.key, $0.value(at: $1)) }
      return SearchSettings(Dictionary(values) { first, _ in first })
    }
  }
}

extension StudySearch: Encodable {
  /// As a study file has it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(trials, forKey: Key(SearchKey.trials.rawValue))
    try container.encode(seed, forKey: Key(SearchKey.seed.rawValue))
    for range in ranges {
      try container.encode([range.scale.rawValue: [range.low, range.high]], forKey: Key(range.key))
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ key: String) { stringValue = key }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
