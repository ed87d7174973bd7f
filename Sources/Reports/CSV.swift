import Configuration

/// Comma-separated values as RFC 4180 has them.
enum CSV {
  enum Cell {
    /// Anything; shown by a spreadsheet as it is, never computed.
    case text(String)
    /// As Swift and every reader of CSV write numbers.
    case number(String)

    static let empty = Cell.text("")

    /// An axis' value; empty for none.
    init(_ value: AxisValue?) {
      switch value {
      case .word(let word)?: self = .text(word)
      case let number?: self = .number("\(number)")
      case nil: self = .empty
      }
    }
  }

  /// With a line end after the last row.
  static func text(_ rows: [[Cell]]) -> String {
    rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  static func field(_ cell: Cell) -> String {
    switch cell {
    case .number(let text): text
    case .text(let text): quoted(guarded(VisibleText.lines(text)))
    }
  }

  /// Spreadsheets run what begins like a formula, whatever its quotes; an apostrophe before it makes it text.
  private static func guarded(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, "=+-@\n".unicodeScalars.contains(first) else { return text }
    return "'" + text
  }

  /// Quoted where it holds what would end it.
  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" }) else { return text }
    return text.unicodeScalars.reduce(into: "\"") { quoted, scalar in
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    } + "\""
  }
}
