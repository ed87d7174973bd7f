import Configuration
import Foundation

/// Learns what a schema leaves open, vocabularies, quantiles and statistics, from the training split alone.
enum ClickFitting {
  /// - Throws: `DatasetError`.
  static func fit(_ lines: ClickLines, progress: ClickLines.Progress = { _, _, _ in }) throws -> ClickSchema {
    var schema = ClickSchema(lines.schema)
    guard schema.needsFitting else { return schema }
    try lines.requireFiles(because: "this schema has vocabularies, quantiles or means to learn before it reads again")
    var training = lines
    training.files = lines.files.filter { $0.split == nil || $0.split == .train }
    let work = Work(schema, indexBases: lines.schema.indexBases)
    var moments = schema.dense.map { _ in ClickMoments() }
    _ = try training.run(work, progress: progress) { chunk in
      for index in moments.indices where schema.dense[index].standardize { moments[index].join(chunk.moments[index]) }
    }
    for index in schema.dense.indices where schema.dense[index].standardize {
      schema.dense[index].mean = moments[index].mean
      schema.dense[index].deviation = moments[index].deviation
    }
    for (counter, field) in zip(work.counters, work.countedFields) {
      schema.fields[field].encoding = try learnt(counter, schema.fields[field])
    }
    return schema
  }

  private static func learnt(_ counter: ClickTextCounter, _ field: ClickSchema.IDColumn) throws
    -> ClickSchema.IDColumn.Encoding
  {
    switch field.encoding {
    case .integer, .hash: field.encoding
    case .vocabulary(let minimum, _): try vocabulary(counter, minimum, field.column)
    case .buckets(_, let quantiles):
      .buckets(boundaries: ClickQuantiles.boundaries(counter.numbers, shares: quantiles), quantiles: quantiles)
    }
  }

  private static func vocabulary(_ counter: ClickTextCounter, _ minimum: Int, _ column: String) throws
    -> ClickSchema.IDColumn.Encoding
  {
    guard let texts = counter.texts(minimumCount: minimum) else {
      throw DatasetError(
        "the column '\(column)' holds text that is not UTF-8, which a vocabulary cannot keep: use hash for it")
    }
    return .vocabulary(minimumCount: minimum, texts: texts)
  }

  /// Only lines without any fault count, as only they become samples.
  private struct Work: ClickChunkWork, @unchecked Sendable {
    // Unchecked: the counters have locks.
    let encoder: ClickEncoder
    let schema: ClickSchema
    let countedFields: [Int]
    /// Ids of a record of which the texts are counted, and by which counter.
    let countedColumns: [(column: Int, counter: Int)]
    let counters: [ClickTextCounter]
    let standardized: [Int]

    init(_ schema: ClickSchema, indexBases: [Int]?) {
      self.schema = schema
      encoder = ClickEncoder(schema, indexBases: indexBases)
      let counted = schema.fields.indices.filter { schema.fields[$0].encoding.isLearnt }
      countedFields = counted
      countedColumns = schema.idFields.columnFields.enumerated().compactMap { column, field in
        counted.firstIndex(of: field).map { (column, $0) }
      }
      counters = counted.map { _ in ClickTextCounter() }
      standardized = schema.dense.indices.filter { schema.dense[$0].standardize }
    }

    func run(_ chunk: ClickChunk) {
      if chunk.moments.count != schema.dense.count { chunk.moments = schema.dense.map { _ in ClickMoments() } }
      if chunk.keys.fields != countedColumns.count { chunk.keys = ClickKeyBuffer(fields: countedColumns.count) }
      let first = 1 + encoder.layout.dense
      chunk.forEachRow { texts, split, _ in
        if let problem = encoder.problem(texts) { return problem }
        guard split == .train else { return nil }
        for index in standardized {
          if let value = encoder.transformed(texts[1 + index], index) { chunk.moments[index].add(value) }
        }
        chunk.keys.append { TextKey(perhapsAbsent: texts[first + countedColumns[$0].column]) }
        return nil
      }
      for (index, counted) in countedColumns.enumerated() { counters[counted.counter].add(chunk.keys[index]) }
    }
  }
}

extension ClickEncoder {
  /// Into a record, as `ClickRecordLayout` has it.
  func encode(_ texts: UnsafePointer<TextSpan>, into record: UnsafeMutableRawPointer) -> ClickLineProblem? {
    var label: Int32 = 0
    let problem = encode(
      texts, label: &label, dense: (record + layout.denseOffset).assumingMemoryBound(to: Float.self),
      ids: (record + layout.idsOffset).assumingMemoryBound(to: Int32.self),
      weight: readsWeights ? (record + layout.weightOffset).assumingMemoryBound(to: Float.self) : nil)
    record.storeBytes(of: label, as: Int32.self)
    return problem
  }
}
