import Foundation

/// A stretch of whole lines of one file, and what became of them: goes round between the thread that reads and writes
/// and those that work.
final class ClickChunk: @unchecked Sendable {
  // Unchecked: the pipeline hands it from thread to thread.

  /// Lines of it that cannot be samples: the first few with their reason.
  struct BadLine {
    /// From 0, in this chunk.
    var line: Int
    var reason: String
  }

  static let splits = ClickSplit.allCases
  private static let mostReasons = 100

  private(set) var memory: UnsafeMutablePointer<UInt8>
  private(set) var room: Int
  /// The lines, and the lines before them that are no rows (a header).
  var range = 0..<0
  var linesBefore = 0
  var file = 0
  /// Place of `memory`'s first byte in the file's text.
  var offset = 0
  /// Where all rows of the file belong; nil where each says it.
  var split: ClickSplit?
  private(set) var splitter: ClickLineSplitter?

  private(set) var lines = 0
  private(set) var rows = 0
  /// Rows whose query was left out.
  var queryRows: Int { splitter?.queryRows ?? 0 }
  private(set) var badLines: [BadLine] = []
  private(set) var badLineCount = 0
  /// The first line behind which no line can be told from another.
  private(set) var fault: BadLine?
  /// The rows of each split, encoded.
  let records = splits.map { _ in ClickRecordBuffer() }
  /// Where each split's rows begin in the file's text.
  var starts = splits.map { _ in [Int]() }
  /// Moments of each dense column.
  var moments: [ClickMoments] = []
  /// Tallies of each split, where rows are counted.
  var tallies: [ClickTally] = []
  /// Keys of the fields that are learnt.
  var keys = ClickKeyBuffer(fields: 0)

  init(room: Int) {
    self.room = room
    memory = .allocate(capacity: room)
  }

  deinit { memory.deallocate() }

  /// Twice the room; what is there stays.
  func grow(keeping count: Int) {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * room)
    larger.update(from: memory, count: count)
    memory.deallocate()
    memory = larger
    room *= 2
  }

  func use(_ layout: ClickLineLayout) {
    if splitter?.layout !== layout { splitter = ClickLineSplitter(layout) }
  }

  /// Calls `body` for each row with the texts of its fields, its split and where it begins in the file's text.
  func forEachRow(_ body: (UnsafeMutablePointer<TextSpan>, ClickSplit, Int) -> ClickLineProblem?) {
    guard let splitter else { return }
    forEachLine { line, start in splitter.split(line) ?? row(splitter, start, body) }
  }

  /// Calls `body` for each line that holds a row, with where it begins in the file's text. The line is not taken apart.
  func forEachLine(_ body: (TextSpan, Int) -> ClickLineProblem?) {
    guard let splitter else { return }
    startOver(splitter)
    var index = range.lowerBound
    while index < range.upperBound {
      let rest = range.upperBound - index
      let end = memchr(memory + index, 0x0A, rest).map { $0.assumingMemoryBound(to: UInt8.self) - (memory + index) }
      let line = TextSpan(line: memory + index, count: end ?? rest)
      if splitter.isRow(line) {
        if let problem = body(line, offset + index) { note(problem, splitter.layout) }
        rows += 1
      }
      lines += 1
      index += (end ?? rest) + 1
    }
  }

  private func row(
    _ splitter: ClickLineSplitter, _ start: Int,
    _ body: (UnsafeMutablePointer<TextSpan>, ClickSplit, Int) -> ClickLineProblem?
  ) -> ClickLineProblem? {
    if let split { return body(splitter.texts, split, start) }
    switch splitter.split() {
    case .success(let split): return body(splitter.texts, split, start)
    case .failure(let problem): return problem
    }
  }

  private func startOver(_ splitter: ClickLineSplitter) {
    splitter.startOver()
    (lines, rows, badLineCount, fault) = (0, 0, 0, nil)
    badLines.removeAll(keepingCapacity: true)
    keys.clear()
    for tally in tallies { tally.clear() }
    for buffer in records { buffer.clear() }
    for index in starts.indices { starts[index].removeAll(keepingCapacity: true) }
    for index in moments.indices { moments[index] = ClickMoments() }
  }

  private func note(_ problem: ClickLineProblem, _ layout: ClickLineLayout) {
    if problem.kind.endsFile {
      if fault == nil { fault = BadLine(line: lines, reason: problem.words(layout)) }
      return
    }
    badLineCount += 1
    guard badLines.count < Self.mostReasons else { return }
    badLines.append(BadLine(line: lines, reason: problem.words(layout)))
  }
}

extension TextSpan {
  /// A line without its line break, `\n` or `\r\n`.
  init(line: UnsafePointer<UInt8>, count: Int) {
    self.init(start: line, count: count > 0 && line[count - 1] == 0x0D ? count - 1 : count)
  }
}

extension ClickLineSplitter {
  /// The split that the split column of the last line names.
  func split() -> Result<ClickSplit, ClickLineProblem> {
    guard let index = layout.splitText else { preconditionFailure("neither a split column nor a split") }
    let text = texts[index]
    for value in layout.splitValues where value.bytes.count == text.count {
      if memcmp(value.bytes, text.start, text.count) == 0 { return .success(value.split) }
    }
    return .failure(ClickLineProblem(kind: .unknownSplit, column: index, text: text))
  }
}
