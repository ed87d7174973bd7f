/// Lines become records, and are counted.
struct ClickEncoding: ClickChunkWork, @unchecked Sendable {
  // Unchecked: one thread at a time has a chunk's tallies, and one alone those of all.

  let encoder: ClickEncoder
  /// Whether records are kept, or only where their lines begin.
  let keepsRecords: Bool
  /// By split, of all chunks that `count` was given.
  let tallies: [ClickTally]
  private let schema: ClickSchema
  private let seen: [ClickSeenIDs?]

  init(_ encoder: ClickEncoder, _ schema: ClickSchema, keepsRecords: Bool = true) {
    self.encoder = encoder
    self.schema = schema
    self.keepsRecords = keepsRecords
    seen = ClickChunk.splits.map { _ in ClickSeenIDs(rows: schema.idFields.rows) }
    tallies = seen.map { ClickTally(schema, $0) }
  }

  func run(_ chunk: ClickChunk) {
    if chunk.tallies.isEmpty { chunk.tallies = seen.map { ClickTally(schema, $0) } }
    let layout = encoder.layout
    chunk.forEachRow { texts, split, start in
      let records = chunk.records[split.index]
      let record = records.next(layout)
      if let problem = encoder.encode(texts, into: record) { return problem }
      chunk.tallies[split.index].add(texts, record)
      if keepsRecords { records.keep(layout) } else { chunk.starts[split.index].append(start) }
      return nil
    }
  }

  /// In the order of the text, from one thread.
  func count(_ chunk: ClickChunk) {
    for (tally, part) in zip(tallies, chunk.tallies) { tally.join(part) }
  }
}
