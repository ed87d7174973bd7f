/// Text from outside (names, commands, paths, hosts, what a file held) with everything shown that would else act: an
/// escape sequence could repaint the terminal, a newline make up a line of its own, a bidirectional control turn words
/// around.
package enum VisibleText {
  /// As one line.
  package static func line(_ text: String) -> String { replacing(in: text) { _ in false } }

  /// As lines of a layout: newlines stay.
  package static func lines(_ text: String) -> String { replacing(in: text) { $0 == "\n" } }

  private static func replacing(in text: String, unless isKept: (Unicode.Scalar) -> Bool) -> String {
    guard text.unicodeScalars.contains(where: { acts($0) && !isKept($0) }) else { return text }
    return text.unicodeScalars.reduce(into: "") { visible, scalar in
      if acts(scalar), !isKept(scalar) { visible += name(of: scalar) } else { visible.unicodeScalars.append(scalar) }
    }
  }

  private static func acts(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default: return properties.isBidiControl || properties.isNoncharacterCodePoint
    }
  }

  /// As Swift would write it: `\n`, `\u{1B}`.
  private static func name(of scalar: Unicode.Scalar) -> String { scalar.escaped(asASCII: true) }
}
