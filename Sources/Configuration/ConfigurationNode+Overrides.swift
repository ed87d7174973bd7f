import Foundation

extension ConfigurationNode {
  /// Applies one `key=value` text: the key is a dotted path, the value is YAML.
  mutating func apply(override text: String) throws {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw ConfigurationError("--set \(text): expected key=value, such as --set globalBatch=512")
    }
    let key = text[..<equals].trimmingCharacters(in: .whitespaces)
    let place = ConfigurationPlace(
      source: "--set \(key)", line: nil, folder: FileManager.default.currentDirectoryPath)
    let names = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard names.allSatisfy({ !$0.isEmpty }) else {
      throw ConfigurationError(place, "a key is a name, or names joined by dots")
    }
    let value = String(text[text.index(after: equals)...])
    let parsed = try Self.parse(value, path: key, place: place, countingLines: false)
    try set(names[...], to: parsed ?? ConfigurationNode(content: .empty, place: place, path: key))
  }

  /// Puts a value at a path of keys; an item of a list goes by the value of its key `name`.
  mutating func set(_ names: ArraySlice<String>, to value: ConfigurationNode) throws {
    guard let name = names.first else {
      self = value
      return
    }
    if case .list(var items) = content {
      guard let index = items.firstIndex(where: { $0.name == name }) else {
        let known = items.compactMap(\.name)
        throw ConfigurationError(
          value.place,
          "\(path) has no item of the name '\(name)'"
            + (known.isEmpty ? "" : ": there are \(known.map(\.shown).joined(separator: ", "))"))
      }
      try items[index].set(names.dropFirst(), to: value)
      content = .list(items)
      return
    }
    var entries: [Entry]
    switch content {
    case .section(let found): entries = found
    case .empty: entries = []
    default: throw ConfigurationError(value.place, "\(path) is \(summary), which has no keys of its own")
    }
    let index = entries.firstIndex { $0.key == name } ?? entries.endIndex
    if index == entries.endIndex {
      let missing = ConfigurationNode(content: .empty, place: value.place, path: pathOf(name))
      entries.append(Entry(key: name, place: value.place, value: missing))
    }
    try entries[index].value.set(names.dropFirst(), to: value)
    if names.count == 1 { entries[index].place = value.place }
    content = .section(entries)
  }

  /// The name of a list's item.
  private var name: String? {
    guard case .section(let entries) = content,
      case .scalar(let text, _) = entries.first(where: { $0.key == "name" })?.value.content
    else { return nil }
    return text
  }
}
