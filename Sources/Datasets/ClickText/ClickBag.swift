import Configuration

/// A column whose text holds several values, each of which becomes a text of its own.
struct ClickBag {
  /// The number of the first of its texts, which is the whole one at first.
  var first: Int
  /// How many texts there are for values.
  var atMost: Int
  var separator: UInt8
  /// The text that what does not fit goes to.
  var rest: Int
  /// Whether blanks around a value are none of it.
  var trims: Bool

  /// Divides the whole text. Empty values are none; texts without a value are absent.
  func divide(_ texts: UnsafeMutablePointer<TextSpan>) {
    let whole = texts[first]
    var (count, index) = (0, 0)
    texts[rest] = .empty
    while index < whole.count {
      let start = index
      while index < whole.count, whole.start[index] != separator { index += 1 }
      let value = trimmed(TextSpan(start: whole.start + start, count: index - start))
      index += 1
      guard value.count > 0 else { continue }
      guard count < atMost else {
        texts[rest] = value
        break
      }
      texts[first + count] = value
      count += 1
    }
    for absent in first + count..<first + atMost { texts[absent] = .absent }
  }

  private func trimmed(_ text: TextSpan) -> TextSpan {
    var text = text
    guard trims else { return text }
    while text.count > 0, text.start[0] == UInt8(ascii: " ") {
      text = TextSpan(start: text.start + 1, count: text.count - 1)
    }
    while text.count > 0, text.start[text.count - 1] == UInt8(ascii: " ") { text.count -= 1 }
    return text
  }
}

extension ClickBag {
  static func all(of schema: ClickSchemaFile) -> [ClickBag] {
    let texts = schema.idTexts
    var rest = schema.ids.reduce(1 + schema.dense.count) { $0 + $1.texts }
    return zip(schema.ids, texts).compactMap { id, first in
      guard let values = id.values else { return nil }
      defer { rest += 1 }
      return ClickBag(
        first: first, atMost: values.atMost, separator: Array(values.separator.utf8)[0], rest: rest,
        trims: schema.trim)
    }
  }
}

extension ClickSchemaFile {
  /// Of each id column, the number of its first text (see `ClickLineLayout`).
  var idTexts: [Int] {
    var next = 1 + dense.count
    return ids.map { id in
      defer { next += id.texts }
      return next
    }
  }
}

extension ClickSchemaFile.ID {
  /// Texts of a line that it has: one for each value.
  var texts: Int { values?.atMost ?? 1 }
}

extension TextSpan {
  /// Stands where a bag has no value: less than empty.
  static var absent: TextSpan { TextSpan(start: empty.start, count: -1) }
  var isAbsent: Bool { count < 0 }
}
