/// One value of a YAML tree, with its dotted path and the place where it was written.
struct ConfigurationNode {
  enum Content {
    case empty
    /// Numbers and words as written; `isQuoted` tells "64" from 64.
    case scalar(String, isQuoted: Bool)
    case list([ConfigurationNode])
    case section([Entry])
  }

  struct Entry {
    var key: String
    /// Of the key, which may stand on another line than its value.
    var place: ConfigurationPlace
    var value: ConfigurationNode
  }

  var content: Content
  var place: ConfigurationPlace
  /// `learningRate.base`; empty for the root.
  var path: String

  func pathOf(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// What a person would call this value in "X is …, not a whole number".
  var summary: String {
    switch content {
    case .empty: "empty"
    case .scalar(let text, isQuoted: false): "'\(text)'"
    case .scalar(let text, isQuoted: true): "the text \"\(text)\""
    case .list: "a list"
    case .section: "a section"
    }
  }

  func error(_ problem: String) -> ConfigurationError { ConfigurationError(place, problem) }

  func error(expected: String) -> ConfigurationError {
    if case .empty = content { return error("\(path) has no value: give \(expected), or remove the key") }
    return error("\(path) is \(summary), not \(expected)")
  }
}
