import Configuration

/// Passes over the lines of click data in text.
struct ClickLines {
  var schema: ClickSchemaFile
  var files: [ClickTextFile]
  var workers: Int
  /// Lines that may be malformed.
  var badLineLimit = 0
  var labels = ClickLabels.needed
  /// False where lines are checked only when they are read: ranks share that.
  var isChecked = true
  /// Columns that are handed on as they are, beside what becomes of the others.
  var carried: [String] = []
  /// The remedy for a malformed line.
  var badLineRemedy: String

  /// Bytes of the files read so far, of how many if that is known, and rows seen.
  typealias Progress = (_ bytesRead: Int, _ byteCount: Int?, _ rows: Int) throws -> Void

  /// The findings of one pass.
  struct Outcome {
    var badLines: [String] = []
    var badLineCount = 0
    var rows = 0
    /// Rows whose query (`qid:n`) was left out.
    var queryRows = 0
  }

  static let shownBadLines = 10

  /// - Parameter deliver: gets each chunk after `work`, in the order of the files and lines.
  func run(_ work: some ClickChunkWork, progress: Progress = { _, _, _ in }, deliver: (ClickChunk) throws -> Void)
    throws -> Outcome
  {
    let reader = try ClickChunkReader(schema, files, labels: labels, carried: carried)
    var outcome = Outcome()
    var linesBefore = files.map { _ in 0 }
    var rows = files.map { _ in 0 }
    let fill = { chunk in
      try reader.fill(chunk) { try progress(reader.bytesRead, reader.byteCount, outcome.rows) }
    }
    try ClickPipeline(workers: workers).run(work, fill: fill) { chunk in
      linesBefore[chunk.file] += chunk.linesBefore
      try note(chunk, linesBefore: linesBefore[chunk.file], &outcome)
      linesBefore[chunk.file] += chunk.lines
      rows[chunk.file] += chunk.rows
      outcome.rows += chunk.rows
      outcome.queryRows += chunk.queryRows
      try deliver(chunk)
      try progress(reader.bytesRead, reader.byteCount, outcome.rows)
    }
    if let empty = rows.firstIndex(of: 0) {
      throw DatasetError(file: DataPath.name(files[empty].path), "the file holds no rows")
    }
    return outcome
  }

  /// - Parameter reason: why the files are read more than once.
  /// - Throws: `DatasetError` where one of them is a pipe.
  func requireFiles(because reason: String) throws {
    for file in files {
      try DataPath.require(file.path, orPipe: "but \(reason): write what comes out of it to a file first")
    }
  }

  private func note(_ chunk: ClickChunk, linesBefore: Int, _ outcome: inout Outcome) throws {
    let path = DataPath.name(files[chunk.file].path)
    func place(_ bad: ClickChunk.BadLine) -> String { "\(path):\(linesBefore + bad.line + 1): \(bad.reason)" }
    for bad in chunk.badLines where bad.line < chunk.fault?.line ?? .max {
      outcome.badLineCount += 1
      let text = place(bad)
      if outcome.badLineCount > badLineLimit { throw DatasetError("\(text)\(tooMany)") }
      if outcome.badLines.count < Self.shownBadLines { outcome.badLines.append(text) }
    }
    if let fault = chunk.fault { throw DatasetError(place(fault)) }
    outcome.badLineCount += chunk.badLineCount - chunk.badLines.count
    if outcome.badLineCount > badLineLimit {
      throw DatasetError(file: path, "malformed lines\(tooMany)")
    }
  }

  private var tooMany: String {
    badLineLimit == 0 ? "; \(badLineRemedy)" : "; more than \(badLineLimit) malformed lines: \(badLineRemedy)"
  }
}
