/// Text files with the places of all rows found, by split.
struct ClickTextSplits {
  var splits: [ClickSplit: ClickTextDataset] = [:]
  /// Summary of rows that were checked.
  let summary: ClickSummary

  /// - Parameter hasSplits: see `ClickSummary`.
  init(_ lines: ClickLines, _ schema: ClickSchema, limit: Int?, hasSplits: Bool) throws {
    try lines.requireFiles(because: "its rows are read more than once")
    let encoder = ClickEncoder(
      schema, indexBases: lines.schema.indexBases, needsLabels: lines.labels == .needed)
    var index = Index(lines.files.count)
    // Rows to be scored are shared among ranks, each of which checks its own.
    if lines.isChecked {
      let work = ClickEncoding(encoder, schema, keepsRecords: false)
      let outcome = try lines.run(work) {
        index.add($0)
        work.count($0)
      }
      summary = ClickSummary(schema, work.tallies, hasSplits: hasSplits, queryRows: outcome.queryRows)
    } else {
      _ = try lines.run(Places()) { index.add($0) }
      summary = ClickSummary(schema, [])
    }
    let files = try index.files(lines.files)
    for (split, starts) in zip(ClickChunk.splits, index.starts) where !starts.isEmpty {
      // Each has splitters of its own, as both may be read at once.
      splits[split] = ClickTextDataset(
        schema, lines.schema.text, encoder, files.map { $0.copy() }, starts: starts,
        limit: split == .train ? limit : nil, remedy: lines.isChecked ? nil : lines.badLineRemedy)
    }
  }

  /// The rows of text that all belong together.
  func rows(of paths: [String]) throws -> ClickTextDataset {
    guard let rows = splits[.train] else {
      throw DatasetError(file: paths.joined(separator: ", "), "there are no rows in it")
    }
    return rows
  }

  /// Where lines begin, which are not taken apart.
  private struct Places: ClickChunkWork {
    func run(_ chunk: ClickChunk) {
      chunk.forEachLine { _, start in
        chunk.starts[chunk.split!.index].append(start)
        return nil
      }
    }
  }

  /// Where the rows of all files together begin.
  private struct Index {
    /// Where each split's rows begin.
    var starts = ClickChunk.splits.map { _ in [Int]() }
    private var layouts: [ClickLineLayout?]
    private var bases: [Int] = []
    private var next = 0

    init(_ files: Int) { layouts = Array(repeating: nil, count: files) }

    mutating func add(_ chunk: ClickChunk) {
      if layouts[chunk.file] == nil {
        layouts[chunk.file] = chunk.splitter?.layout
        bases.append(next)
      }
      for split in starts.indices { starts[split] += chunk.starts[split].map { bases[chunk.file] + $0 } }
      next = bases[chunk.file] + chunk.offset + chunk.range.upperBound
    }

    func files(_ files: [ClickTextFile]) throws -> [ClickMappedText] {
      try files.indices.map { index in
        guard let layout = layouts[index] else { preconditionFailure("a file without a chunk") }
        return try ClickMappedText(files[index].path, base: bases[index], layout)
      }
    }
  }
}
