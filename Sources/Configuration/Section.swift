/// The keys that a section of the file knows: one enumeration a section, used for reading, for "did you mean" and to
/// check that the reference documents each.
package protocol SectionKey: RawRepresentable<String>, CaseIterable, Equatable {}

/// Reads one section strictly: every key in it is known, and a value is asked for by its key.
package struct Section<Key: SectionKey> {
  package let node: ConfigurationNode
  private let entries: [ConfigurationNode.Entry]

  /// An empty node is a section without keys.
  package init(_ node: ConfigurationNode) throws {
    self.node = node
    switch node.content {
    case .empty: entries = []
    case .section(let found): entries = found
    default:
      let what = node.path.isEmpty ? "the file" : node.path
      throw node.error("\(what) is \(node.summary), not a section with keys \(Self.keyList)")
    }
    for entry in entries where Key(rawValue: entry.key) == nil {
      let later = node.isStored ? "; a later Lockstep may have written it" : ""
      throw ConfigurationError(entry.place, "unknown key '\(entry.key.shown)'\(Self.hint(for: entry.key))\(later)")
    }
  }

  /// The value of a key, or nil where it is not given.
  package subscript(key: Key) -> ConfigurationNode? { entry(key)?.value }

  package func required(_ key: Key) throws -> ConfigurationNode {
    if let value = self[key] { return value }
    throw node.error("missing key '\(node.pathOf(key.rawValue))'")
  }

  /// As the subscript, for keys whose absence has a meaning: an empty value (`null`) is absence too.
  package func optional(_ key: Key) -> ConfigurationNode? {
    guard let value = self[key] else { return nil }
    if case .empty = value.content { return nil }
    return value
  }

  /// A section of this one; empty where it is not given.
  package func section<Inner: SectionKey>(_ key: Key, of _: Inner.Type = Inner.self) throws -> Section<Inner> {
    let absent = ConfigurationNode(content: .empty, place: node.place, path: node.pathOf(key.rawValue))
    return try Section<Inner>(self[key] ?? absent)
  }

  /// Refuses keys that say nothing under `choice`: for instance `filters` where `kind` is mlp. In what Lockstep wrote they
  /// may stand.
  package func refuse(_ keys: Key..., unless choices: String, because choice: String) throws {
    guard !node.isStored else { return }
    for key in keys {
      guard let entry = entry(key), optional(key) != nil else { continue }
      throw ConfigurationError(
        entry.place, "'\(node.pathOf(key.rawValue))' means nothing with \(choice): it belongs to \(choices)")
    }
  }

  private func entry(_ key: Key) -> ConfigurationNode.Entry? { entries.first { $0.key == key.rawValue } }

  private static var keyList: String { Key.allCases.map(\.rawValue).joined(separator: ", ") }

  private static func hint(for unknown: String) -> String {
    if let key = nearest(to: unknown, among: Key.allCases.map(\.rawValue)) { return " (did you mean '\(key)'?)" }
    let homes = Schema.sections.filter { $0.keys.contains(unknown) }.map { $0.name.isEmpty ? "the run" : $0.name }
    if !homes.isEmpty { return " (it is a key of \(homes.joined(separator: " and of ")))" }
    return ": known here are \(keyList)"
  }
}
