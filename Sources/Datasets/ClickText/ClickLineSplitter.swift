import CVectorMath
import Foundation

/// Takes lines apart. Holds the texts of the last line; they point into the line, or into memory of its own where they do
/// not stand there as they are. Not for use from several threads at once.
final class ClickLineSplitter {
  let layout: ClickLineLayout
  /// See `ClickLineLayout`.
  let texts: UnsafeMutablePointer<TextSpan>
  private let made = TextArena()
  /// Lines of libsvm and libffm data that named the query they answer, which is left out.
  var queryRows = 0

  init(_ layout: ClickLineLayout) {
    self.layout = layout
    texts = .allocate(capacity: layout.textCount)
    texts.initialize(repeating: .empty, count: layout.textCount)
  }

  deinit { texts.deallocate() }

  /// Texts of earlier lines are no longer needed.
  func forgetTexts() { made.forget() }

  /// As `forgetTexts()`, with nothing counted.
  func startOver() {
    forgetTexts()
    queryRows = 0
  }

  /// Whether a line without its line break holds anything.
  func isRow(_ line: TextSpan) -> Bool {
    guard line.count > 0 else { return false }
    let comment = layout.comment
    return comment.isEmpty || line.count < comment.count
      || memcmp(line.start, comment, comment.count) != 0
  }

  func split(_ line: TextSpan) -> ClickLineProblem? {
    let problem = layout.form == .delimited ? splitFields(line) : splitFeatures(line)
    guard problem == nil else { return problem }
    if !layout.missing.isEmpty { emptyMissing() }
    for cross in layout.crosses { cross.join(texts, in: made) }
    for bag in layout.bags { bag.divide(texts) }
    return nil
  }

  private func emptyMissing() {
    for index in layout.values {
      let text = texts[index]
      let isMissing = layout.missing.contains { $0.count == text.count && memcmp($0, text.start, text.count) == 0 }
      if isMissing { texts[index] = .empty }
    }
  }

  private func splitFields(_ line: TextSpan) -> ClickLineProblem? {
    let line = line.withoutByteOrderMark
    let isPlain =
      layout.separatorSize == 1 && !layout.trims && (!layout.hasQuotes || !line.contains(UInt8(ascii: "\"")))
    let problem = isPlain ? splitPlain(line) : splitDelimited(line)
    for copy in layout.copies { texts[copy.to] = texts[copy.from] }
    if problem == nil, let header = layout.header, header.isHeld(by: texts) { return ClickLineProblem(kind: .header) }
    return problem
  }

  /// Where nothing but separators has a meaning: 64 bytes at a time.
  private func splitPlain(_ line: TextSpan) -> ClickLineProblem? {
    let targets = layout.targets
    let texts = texts
    var field = 0
    var start = 0
    func end(at end: Int) {
      // Negative for a field that is not used.
      let target = field < targets.count ? Int(targets[field]) : -1
      if target >= 0 { texts[target] = TextSpan(start: line.start + start, count: end &- start) }
      field &+= 1
      start = end &+ 1
    }
    for base in stride(from: 0, to: line.count, by: 64) {
      var separators = line.matches(layout.separator, in64From: base)
      while separators != 0 {
        end(at: base &+ separators.trailingZeroBitCount)
        separators &= separators &- 1
      }
    }
    end(at: line.count)
    return field == targets.count ? nil : ClickLineProblem(kind: .fieldCount, number: field)
  }

  /// Whether a separator whose first byte stands at `index` is whole.
  @inline(__always)
  private func isWholeSeparator(_ line: TextSpan, at index: Int) -> Bool {
    let size = layout.separatorSize
    return size == 1
      || (line.count - index >= size && memcmp(line.start + index + 1, layout.separatorRest, size - 1) == 0)
  }

  @inline(__always)
  private func isSeparator(_ line: TextSpan, at index: Int) -> Bool {
    line.start[index] == layout.separator && isWholeSeparator(line, at: index)
  }

  /// The place of the next separator, or the line's end.
  @inline(__always)
  private func fieldEnd(_ line: TextSpan, from start: Int) -> Int {
    let (bytes, end, separator) = (line.start, line.count, layout.separator)
    var index = start
    while true {
      while index < end, bytes[index] != separator { index &+= 1 }
      if index == end || isWholeSeparator(line, at: index) { return index }
      index &+= 1
    }
  }

  private func splitDelimited(_ line: TextSpan) -> ClickLineProblem? {
    let bytes = line.start
    let end = line.count
    let separatorSize = layout.separatorSize
    let hasQuotes = layout.hasQuotes
    let trims = layout.trims
    let targets = layout.targets
    let texts = texts
    var field = 0
    var index = 0
    while true {
      var start = index
      if trims { while start < end, bytes[start] == UInt8(ascii: " ") { start += 1 } }
      var text: TextSpan
      if hasQuotes, start < end, bytes[start] == UInt8(ascii: "\"") {
        index = start + 1
        guard let inside = quoted(line, &index) else { return ClickLineProblem(kind: .openQuote) }
        text = inside
        if trims { while index < end, bytes[index] == UInt8(ascii: " "), !isSeparator(line, at: index) { index += 1 } }
        guard index == end || isSeparator(line, at: index) else {
          return ClickLineProblem(kind: mayStayOpen(line, from: index) ? .openQuote : .afterQuote, number: field + 1)
        }
      } else {
        index = fieldEnd(line, from: index)
        text = TextSpan(start: bytes + start, count: max(index &- start, 0))
        if trims { while text.count > 0, text.start[text.count - 1] == UInt8(ascii: " ") { text.count -= 1 } }
      }
      if field < targets.count {
        let target = Int(targets[field])
        if target >= 0 { texts[target] = text }
      }
      field &+= 1
      if index == end { break }
      index &+= separatorSize
    }
    return field == targets.count ? nil : ClickLineProblem(kind: .fieldCount, number: field)
  }

  /// Behind a fault in a line's quotes: whether one of them may be open at the line's end. They are odd, or a later field
  /// opens one that nothing closes.
  private func mayStayOpen(_ line: TextSpan, from start: Int) -> Bool {
    let quote = UInt8(ascii: "\"")
    if line.bytes.count(where: { $0 == quote }) % 2 == 1 { return true }
    var index = start
    while index < line.count {
      index = fieldEnd(line, from: index) + layout.separatorSize - 1
      repeat { index += 1 } while layout.trims && index < line.count && line.start[index] == UInt8(ascii: " ")
      guard index < line.count, line.start[index] == quote else { continue }
      index += 1
      if quoted(line, &index) == nil { return true }
    }
    return false
  }

  /// From behind the opening quote to behind the closing one; nil where there is none.
  private func quoted(_ line: TextSpan, _ index: inout Int) -> TextSpan? {
    let quote = UInt8(ascii: "\"")
    let start = index
    while index < line.count, line.start[index] != quote { index += 1 }
    guard index < line.count else { return nil }
    index += 1
    guard index < line.count, line.start[index] == quote else {
      return TextSpan(start: line.start + start, count: index - 1 - start)
    }
    // A quote within the text is doubled: the text must be copied without the second one.
    let room = line.count - start
    let copy = made.take(room)
    var count = 0
    var from = start
    while index < line.count, line.start[index] == quote {
      copy.advanced(by: count).update(from: line.start + from, count: index - from)
      count += index - from
      index += 1
      from = index
      while index < line.count, line.start[index] != quote { index += 1 }
      guard index < line.count else { return nil }
      index += 1
    }
    copy.advanced(by: count).update(from: line.start + from, count: index - 1 - from)
    count += index - 1 - from
    made.giveBack(room - count)
    return TextSpan(start: copy, count: count)
  }
}

extension TextSpan {
  /// Some programs begin a UTF-8 text with one, which stays where texts are put together.
  @inline(__always)
  fileprivate var withoutByteOrderMark: TextSpan {
    guard count >= 3, start[0] == 0xEF, start[1] == 0xBB, start[2] == 0xBF else { return self }
    return TextSpan(start: start + 3, count: count - 3)
  }

  fileprivate func contains(_ byte: UInt8) -> Bool { memchr(start, Int32(byte), count) != nil }

  /// Places of `byte` among the bytes from `base` to 63 behind it, in this text alone: bit n for byte n.
  @inline(__always)
  fileprivate func matches(_ byte: UInt8, in64From base: Int) -> UInt64 {
    if base &+ 64 <= count { return lockstep_matches(start + base, byte) }
    // The last 64 bytes, without those before `base`; nothing beside the text may be read.
    if count >= 64 { return lockstep_matches(start + (count &- 64), byte) &>> UInt64(base &+ 64 &- count) }
    return (base..<count).reduce(0) { $0 | (start[$1] == byte ? 1 : 0) &<< UInt64($1 &- base) }
  }
}
