import Foundation

/// Values of some of a run's keys, as a search tries them: part of a trial's identity.
public struct SearchSettings: Hashable, Sendable {
  /// By the dotted path of the run's key: `learningRate.base`.
  public var values: [String: Double]

  /// Those of a run's keys.
  public init(_ values: [String: Double]) { self.values = values }

  /// In the order of the keys.
  public var sorted: [(key: String, value: Double)] { values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}

extension SearchSettings: CustomStringConvertible {
  /// `learningRate.base 0.1, optimizer.momentum 0.9`.
  public var description: String { sorted.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }
}

extension SearchSettings: Encodable {
  /// A number by each key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }

  /// As it stands in `trials.jsonl`.
  package init(stored node: ConfigurationNode) throws {
    let entries = try node.entries().map { ($0.key, try $0.value.number(.any)) }
    self.init(Dictionary(entries) { first, _ in first })
  }
}

extension RunConfiguration {
  /// The run with these values. Keys go by the form in which Lockstep stores a run, which for sections of numbers (`optimizer`,
  /// `learningRate`, `tables`) is the file's.
  ///
  /// - Throws: `ConfigurationError` where the run has no such key, or cannot have such a value.
  package func with(_ settings: SearchSettings) throws -> RunConfiguration {
    let json = try JSONEncoder().encode(self)
    var node = try json.withUnsafeBytes { try ConfigurationNode(json: $0, source: "the searched run", line: nil) }
    for (key, value) in settings.sorted {
      try node.set(key.split(separator: ".").map(String.init)[...], to: .number(value, key: key, place: node.place))
    }
    return try RunConfiguration(node)
  }
}

extension ConfigurationNode {
  static func number(_ value: Double, key: String, place: ConfigurationPlace) -> ConfigurationNode {
    ConfigurationNode(content: .scalar("\(value)", isQuoted: false), place: place, path: key)
  }
}
