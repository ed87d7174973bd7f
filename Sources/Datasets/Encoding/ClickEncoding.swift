import Synchronization

/// Lines become records, and are counted.
struct ClickEncoding: ClickChunkWork, @unchecked Sendable {
  // Unchecked: one thread at a time has a chunk's tallies, and one alone those of all.

  let encoder: ClickEncoder
  /// Whether records are kept, or only where their lines begin.
  let keepsRecords: Bool
  /// Tallies of each split, over all chunks that `count` was given.
  let tallies: [ClickTally]
  private let schema: ClickSchema
  private let seen: [ClickSeenIDs?]
  private let examples = Examples()

  /// The splits, a bit each, of which there are examples enough: no chunk need look for more.
  private final class Examples: Sendable {
    let done = Atomic<UInt8>(0)
  }

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
    let tallies = chunk.tallies
    let comparesIDs = Self.comparesIDs(at: chunk.offset)
    let done = examples.done.load(ordering: .relaxed)
    chunk.forEachRow { texts, split, start in
      let records = chunk.records[split.index]
      let record = records.next(layout)
      if let problem = encoder.encode(texts, into: record) { return problem }
      tallies[split.index].add(texts, record, isExample: done >> UInt8(split.index) & 1 == 0, comparesIDs: comparesIDs)
      if keepsRecords { records.keep(layout) } else { chunk.starts[split.index].append(start) }
      return nil
    }
  }

  /// True for rows whose ids are compared between splits: all in the first mebibytes of a file, one in eight mebibytes
  /// of the rest. To look at all would make conversion a tenth slower and tell hardly more.
  private static func comparesIDs(at offset: Int) -> Bool { offset < 8 << 20 || offset >> 20 & 7 == 0 }

  /// In the order of the text, from one thread.
  func count(_ chunk: ClickChunk) {
    for (index, tally) in tallies.enumerated() {
      tally.join(chunk.tallies[index])
      if tally.examples.count == ClickTally.shownRows { examples.done.bitwiseOr(1 << UInt8(index), ordering: .relaxed) }
    }
  }
}
