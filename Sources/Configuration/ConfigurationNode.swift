/// One value of a tree of YAML or JSON, with its dotted path and the place where it was written.
package struct ConfigurationNode {
  package enum Content {
    case empty
    /// Numbers and words as written; `isQuoted` tells "64" from 64.
    case scalar(String, isQuoted: Bool)
    case list([ConfigurationNode])
    /// A list of quoted texts and nothing else, of which a vocabulary has millions.
    case texts([String])
    case section([Entry])
  }

  package struct Entry {
    package var key: String
    /// Place of the key, which may stand on another line than its value.
    package var place: ConfigurationPlace
    package var value: ConfigurationNode
  }

  package var content: Content
  package var place: ConfigurationPlace
  /// `learningRate.base`; empty for the root.
  package var path: String

  /// Whether Lockstep itself wrote it.
  package var isStored: Bool { place.folder == nil }

  package func pathOf(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The words for this value in "X is …, not a whole number".
  var summary: String {
    switch content {
    case .empty: "empty"
    case .scalar(let text, isQuoted: false): "'\(text.shown)'"
    case .scalar(let text, isQuoted: true): "the text \"\(text.shown)\""
    case .list, .texts: "a list"
    case .section: "a section"
    }
  }

  package func error(_ problem: String) -> ConfigurationError { ConfigurationError(place, problem) }

  package func error(expected: String) -> ConfigurationError {
    if case .empty = content { return error("\(path) has no value: give \(expected), or remove the key") }
    return error("\(path) is \(summary), not \(expected)")
  }
}

extension String {
  /// As an error shows it: short, on one line.
  package var shown: String {
    let most = 60
    let start = unicodeScalars.prefix(most + 1)
    let shown = start.prefix(most).map {
      $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
    }
    return shown.joined() + (start.count > most ? "…" : "")
  }
}
