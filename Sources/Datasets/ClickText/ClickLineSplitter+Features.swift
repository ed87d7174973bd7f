import Foundation

extension ClickLineSplitter {
  /// libsvm and libffm.
  func splitFeatures(_ line: TextSpan) -> ClickLineProblem? {
    for text in 0..<layout.textCount { texts[text] = .empty }
    var index = 0
    var isLabel = true
    var hasQuery = false
    while let part = nextPart(line, &index) {
      defer { isLabel = false }
      if isLabel, layout.labels != .absent {
        guard cut(part, from: 0) == nil else { return ClickLineProblem(kind: .noLabel, text: part) }
        texts[0] = part
      } else if isQuery(part) {
        hasQuery = true
      } else if let problem = take(part) {
        return problem
      }
    }
    if hasQuery { queryRows += 1 }
    return nil
  }

  /// `qid:n` of data for ranking: which query the row answers. No index is named so.
  @inline(__always)
  private func isQuery(_ part: TextSpan) -> Bool {
    part.count > 4 && part.start[0] == UInt8(ascii: "q") && memcmp(part.start, "qid:", 4) == 0
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
