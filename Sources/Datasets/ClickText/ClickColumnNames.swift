import Foundation

/// The names in the first line of a CSV file.
enum ClickColumnNames {
  /// Nil where a quote is open at the end.
  static func split(_ line: String, separator: String, trim: Bool) -> [String]? {
    var names: [String] = []
    var name = ""
    var isQuoted = false
    var rest = line.unicodeScalars[...]
    while let character = rest.first {
      if character == "\"" {
        isQuoted.toggle()
      } else if !isQuoted, rest.starts(with: separator.unicodeScalars) {
        names.append(name)
        name = ""
        rest.removeFirst(separator.unicodeScalars.count)
        continue
      } else {
        name.unicodeScalars.append(character)
      }
      rest.removeFirst()
    }
    guard !isQuoted else { return nil }
    names.append(name)
    return trim ? names.map { $0.trimmingCharacters(in: .whitespaces) } : names
  }
}
