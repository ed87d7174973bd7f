import Mustache

/// Text inside XML and HTML.
enum Markup {
  /// Goes by scalars: a mark combined with `<` or `"` would make another character of it, and hide it. Control
  /// characters, which XML 1.0 does not allow at all, are shown as on a terminal.
  static func escape(_ text: String) -> String {
    VisibleText.lines(text).unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }

  /// The content type by whose name templates have every `{{value}}` escaped so.
  struct Content: MustacheContentType {
    static let name = "MARKUP"

    func escapeText(_ text: String) -> String { Markup.escape(text) }
  }
}
