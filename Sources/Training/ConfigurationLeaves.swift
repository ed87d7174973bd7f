import Configuration

/// Configurations key by key, for comparing and listing them.
package enum ConfigurationLeaves {
  /// Every leaf of a configuration by its key path, sorted: what a report lists.
  package static func of(_ value: some Encodable) throws -> [(key: String, value: String)] {
    let json = try RecordFile.encoder().encode(value)
    let node = try json.withUnsafeBytes { try ConfigurationNode(json: $0, source: "a configuration", line: nil) }
    return node.leaves.sorted { $0.key < $1.key }
  }
}

extension ConfigurationNode {
  fileprivate var leaves: [(key: String, value: String)] {
    guard case .section(let entries) = content, !entries.isEmpty else { return [(path, text)] }
    return entries.flatMap(\.value.leaves)
  }

  /// As a person would write it on one line.
  private var text: String {
    switch content {
    case .empty: "not set"
    case .scalar(let text, isQuoted: true): text
    case .scalar(let text, isQuoted: false): Self.number(text) ?? text
    case .list(let items): "[" + items.map(\.text).joined(separator: ", ") + "]"
    case .texts(let texts): "[" + texts.joined(separator: ", ") + "]"
    case .section(let entries):
      entries.isEmpty
        ? "{}"
        : entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
    }
  }

  /// The same text for the same number, whether JSON has it with or without an exponent.
  private static func number(_ text: String) -> String? {
    guard let number = Double(text) else { return nil }
    return Int64(text).map(String.init) ?? Int64(exactly: number).map(String.init) ?? "\(number)"
  }
}
