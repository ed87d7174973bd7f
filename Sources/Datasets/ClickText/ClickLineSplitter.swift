import CVectorMath
import Foundation

/// Takes lines apart. Holds the texts of the last line; they point into the line, or into memory of its own where quotes
/// within quotes had to go. Not for use from several threads at once.
final class ClickLineSplitter {
  let layout: ClickLineLayout
  /// See `ClickLineLayout`.
  let texts: UnsafeMutablePointer<TextSpan>
  private var unquoted: UnsafeMutablePointer<UInt8>
  private var unquotedRoom: Int
  private var unquotedCount = 0

  /// - Parameter room: bytes of the lines that are taken apart between two calls of `forgetTexts()`.
  init(_ layout: ClickLineLayout, room: Int) {
    self.layout = layout
    texts = .allocate(capacity: layout.textCount)
    texts.initialize(repeating: .empty, count: layout.textCount)
    unquotedRoom = layout.hasQuotes ? room : 0
    unquoted = .allocate(capacity: unquotedRoom)
  }

  deinit {
    texts.deallocate()
    unquoted.deallocate()
  }

  /// Texts of earlier lines are no longer needed.
  func forgetTexts() { unquotedCount = 0 }

  /// As `forgetTexts()`, with room for lines of so many bytes.
  func forgetTexts(room: Int) {
    unquotedCount = 0
    guard layout.hasQuotes, room > unquotedRoom else { return }
    unquoted.deallocate()
    unquotedRoom = room
    unquoted = .allocate(capacity: room)
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
    if !layout.missing.isEmpty, problem == nil { emptyMissing() }
    if !layout.bags.isEmpty, problem == nil { for bag in layout.bags { bag.divide(texts) } }
    return problem
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
    let isPlain = !layout.trims && (!layout.hasQuotes || !line.contains(UInt8(ascii: "\"")))
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

  private func splitDelimited(_ line: TextSpan) -> ClickLineProblem? {
    let bytes = line.start
    let end = line.count
    let separator = layout.separator
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
        if trims { while index < end, bytes[index] == UInt8(ascii: " ") { index += 1 } }
        guard index == end || bytes[index] == separator else {
          return ClickLineProblem(kind: mayStayOpen(line, from: index) ? .openQuote : .afterQuote, number: field + 1)
        }
      } else {
        while index < end, bytes[index] != separator { index &+= 1 }
        text = TextSpan(start: bytes + start, count: max(index &- start, 0))
        if trims { while text.count > 0, text.start[text.count - 1] == UInt8(ascii: " ") { text.count -= 1 } }
      }
      if field < targets.count {
        let target = Int(targets[field])
        if target >= 0 { texts[target] = text }
      }
      field &+= 1
      if index == end { break }
      index &+= 1
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
      while index < line.count, line.start[index] != layout.separator { index += 1 }
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
    precondition(unquotedCount + line.count <= unquotedRoom, "no room for \(line.count) bytes of quoted text")
    let copy = unquoted + unquotedCount
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
    unquotedCount += count
    return TextSpan(start: copy, count: count)
  }
}

extension ClickLineSplitter {
  /// libsvm and libffm.
  private func splitFeatures(_ line: TextSpan) -> ClickLineProblem? {
    for text in 0..<layout.textCount { texts[text] = .empty }
    var index = 0
    var isLabel = true
    while let part = nextPart(line, &index) {
      defer { isLabel = false }
      if isLabel, layout.labels != .absent {
        guard cut(part, from: 0) == nil else { return ClickLineProblem(kind: .noLabel, text: part) }
        texts[0] = part
      } else if let problem = take(part) {
        return problem
      }
    }
    return nil
  }

  /// Nil at the line's end and where a comment begins, as svmlight has them.
  private func nextPart(_ line: TextSpan, _ index: inout Int) -> TextSpan? {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    while index < line.count, isBlank(line.start[index]) { index += 1 }
    let start = index
    while index < line.count, !isBlank(line.start[index]), line.start[index] != UInt8(ascii: "#") { index += 1 }
    return index > start ? TextSpan(start: line.start + start, count: index - start) : nil
  }

  /// `index:value` or `field:index:value`.
  private func take(_ part: TextSpan) -> ClickLineProblem? {
    let isPair = layout.form == .pairs
    let problem = ClickLineProblem(kind: isPair ? .pair : .triple, text: part)
    guard let first = cut(part, from: 0) else { return problem }
    guard let number = TextNumber.whole(first) else { return ClickLineProblem(kind: .index, text: part) }
    var last = first.count + 1
    var index = first
    if !isPair {
      guard let second = cut(part, from: last), second.count > 0 else { return problem }
      index = second
      last += second.count + 1
    }
    let value = TextSpan(start: part.start + last, count: part.count - last)
    guard value.count > 0, cut(part, from: last) == nil else { return problem }
    guard let range = range(of: number) else { return nil }
    guard texts[range.text].count == 0 else { return ClickLineProblem(kind: .twice, column: range.text) }
    if range.isID, TextNumber.decimal(value) != 1 {
      return ClickLineProblem(kind: .notOne, column: range.text, text: part)
    }
    texts[range.text] = range.isID ? index : value
    return nil
  }

  /// Up to the next colon; nil where there is none.
  private func cut(_ part: TextSpan, from start: Int) -> TextSpan? {
    var index = start
    while index < part.count, part.start[index] != UInt8(ascii: ":") { index += 1 }
    return index < part.count ? TextSpan(start: part.start + start, count: index - start) : nil
  }

  private func range(of number: Int) -> ClickLineLayout.Range? {
    let ranges = layout.ranges
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].high < number { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].low <= number ? ranges[low] : nil
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
