import Configuration

/// A change of one value in a tree of JSON.
public enum StoredChange: Sendable {
  /// With this JSON.
  case replaced(String)
  case removed
  /// The key stands there twice.
  case repeated
  /// A section gets one more key.
  case added(key: String, json: String)
  /// Every item stands there twice, one after the other.
  case doubled
  case reversed
  case shortened
}

extension ConfigurationNode {
  /// The tree as JSON, on one line.
  ///
  /// - Parameter path: of the value that changes; a path that is not there changes nothing.
  package func json(changing path: String = "-", _ change: StoredChange = .removed) -> String {
    if self.path == path, case .replaced(let json) = change { return json }
    switch content {
    case .empty: return "null"
    case .scalar(let text, isQuoted: false): return text
    case .scalar(let text, isQuoted: true): return Self.quoted(text)
    case .list, .texts: return list(items ?? [], path, change)
    case .section(let entries): return section(entries, path, change)
    }
  }

  private func list(_ items: [ConfigurationNode], _ path: String, _ change: StoredChange) -> String {
    var texts = items.flatMap { item in
      Self.copies(item.path == path, change).map { _ in item.json(changing: path, change) }
    }
    if self.path == path {
      switch change {
      case .doubled: texts = texts.flatMap { [$0, $0] }
      case .reversed: texts.reverse()
      case .shortened: texts = texts.dropLast()
      default: break
      }
    }
    return "[\(texts.joined(separator: ", "))]"
  }

  private func section(_ entries: [Entry], _ path: String, _ change: StoredChange) -> String {
    var texts = entries.flatMap { entry in
      Self.copies(entry.value.path == path, change).map { _ in
        "\(Self.quoted(entry.key)): \(entry.value.json(changing: path, change))"
      }
    }
    if self.path == path, case .added(let key, let json) = change { texts.append("\(Self.quoted(key)): \(json)") }
    return "{\(texts.joined(separator: ", "))}"
  }

  private static func copies(_ isIt: Bool, _ change: StoredChange) -> Range<Int> {
    switch change {
    case .removed where isIt: 0..<0
    case .repeated where isIt: 0..<2
    default: 0..<1
    }
  }

  package static func quoted(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": json += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: json.unicodeScalars.append(scalar)
      }
    }
    return json + "\""
  }
}
