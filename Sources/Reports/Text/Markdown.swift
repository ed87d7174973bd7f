/// Parts of a Markdown file. Whatever text is in them is shown as it is: none of it is markup, HTML or a link.
enum Markdown {
  static func heading(_ level: Int, _ text: String) -> String {
    String(repeating: "#", count: level) + " " + escape(text)
  }

  /// Nothing for nothing.
  static func paragraph(_ text: String) -> String { escape(text) }

  static func strong(_ text: String) -> String { "**\(escape(text))**" }

  static func bullets(_ lines: [String]) -> String { lines.map { "- \(escape($0))" }.joined(separator: "\n") }

  /// - Parameter path: of a file beside this one; plain characters alone.
  static func image(_ text: String, path: String) -> String { "![\(escape(text))](\(path))" }

  /// A block on one line, fenced by more backticks than it holds.
  static func code(_ text: String) -> String {
    let runs = text.split { $0 != "`" }.map(\.count)
    let fence = String(repeating: "`", count: max(3, (runs.max() ?? 0) + 1))
    return "\(fence)\n\(VisibleText.line(text))\n\(fence)"
  }

  /// On one line: a newline would end a cell, a heading or a bullet.
  static func escape(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let escaped = VisibleText.line(line).unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\\", "|", "`", "*", "[", "]":
        escaped += "\\"
        escaped.unicodeScalars.append(scalar)
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    // At the start of a line these make headings, lists and rules.
    guard let first = escaped.unicodeScalars.first, "#-+=~".unicodeScalars.contains(first) else { return escaped }
    return "\\" + escaped
  }
}
