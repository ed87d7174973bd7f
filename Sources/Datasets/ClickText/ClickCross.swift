import Configuration

/// A text that is made of others of the same line.
struct ClickCross {
  /// Its number among the texts of a line.
  var text: Int
  /// Theirs.
  var parts: UnsafeMutableBufferPointer<Int>

  /// Between the parts: no line holds it, so no two pairs of texts become the same one.
  static let separator = UInt8(ascii: "\n")

  static func all(of schema: ClickSchemaFile) -> [ClickCross] {
    let texts = schema.idTexts
    return schema.ids.enumerated().compactMap { index, id in
      guard let crossed = id.crossed else { return nil }
      let parts = crossed.compactMap { name in schema.ids.firstIndex { $0.column == name } }.map { texts[$0] }
      precondition(parts.count == crossed.count, "a cross of columns that there are not")
      let memory = UnsafeMutableBufferPointer<Int>.allocate(capacity: parts.count)
      _ = memory.initialize(from: parts)
      return ClickCross(text: texts[index], parts: memory)
    }
  }

  /// - Parameter texts: of a line.
  func join(_ texts: UnsafeMutablePointer<TextSpan>, in memory: TextArena) {
    let count = parts.reduce(parts.count - 1) { $0 + texts[$1].count }
    let start = memory.take(count)
    var place = start
    for part in parts {
      if part != parts[0] {
        place.pointee = Self.separator
        place += 1
      }
      place.update(from: texts[part].start, count: texts[part].count)
      place += texts[part].count
    }
    texts[text] = TextSpan(start: start, count: count)
  }
}
