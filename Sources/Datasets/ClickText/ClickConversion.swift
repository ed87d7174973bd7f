import Configuration
import Files
import Foundation

/// From click data in text to Lockstep's binary form: streamed, so that memory does not follow the number of rows, with
/// any number of threads to the same bytes, and atomic.
public struct ClickConversion: Sendable {
  /// Training files; all files, where the schema has a split column.
  public var sources: [String]
  /// Text files for the validation split.
  public var validation: [String] = []
  /// Text files for the test split.
  public var test: [String] = []
  /// The columns, and what becomes of them.
  public var schema: ClickSchemaFile
  /// A folder, made if need be.
  public var target: String
  /// A converted folder whose vocabularies and statistics are to be used, instead of learning them.
  public var like: String?
  /// Malformed lines that may be left out.
  public var badLines = 0
  /// Threads that parse.
  public var workers = 1
  /// Rows in a file of the target.
  public var rowsPerShard = 1 << 22

  /// - Parameter sources: text files; those of the training split, unless a column says each row's.
  public init(sources: [String], schema: ClickSchemaFile, target: String) {
    self.sources = sources
    self.schema = schema
    self.target = target
  }

  /// The passes of a conversion.
  public enum Pass: Sendable {
    /// Vocabularies and statistics, from the training split.
    case learning
    /// Every row is encoded and written.
    case converting
  }

  /// How far it is.
  public struct Progress: Sendable {
    /// The pass over the text that is under way.
    public var pass: Pass
    /// Bytes of the source files, packed or not.
    public var bytesRead: Int
    /// Nil where one of them is a pipe.
    public var byteCount: Int?
    /// Read so far.
    public var rows: Int
  }

  /// The files that were written.
  public struct Outcome: Sendable {
    /// One split that was written.
    public struct Split: Sendable {
      /// Which.
      public var split: ClickSplit
      /// Samples.
      public var rows: Int
      /// Samples with label 1.
      public var positives: Int
      /// Bytes of all its shards.
      public var bytes: Int
    }
    /// In the order train, validation, test.
    public var splits: [Split]
    /// With what was learnt.
    public var schema: ClickSchema
    /// The rows as they were understood.
    public var summary: ClickSummary
    /// Lines left out.
    public var badLineCount: Int
    /// The first few, with file, line and reason.
    public var badLines: [String]
  }

  /// - Parameter progress: may throw to stop.
  /// - Throws: `DatasetError`, `FileError`, what `progress` throws; then the target holds what it held before.
  public func convert(progress: (Progress) throws -> Void = { _ in }) throws -> Outcome {
    let lines = try lines()
    let fitted = try fittedSchema(lines) {
      try progress(Progress(pass: .learning, bytesRead: $0, byteCount: $1, rows: $2))
    }
    let names = (sources + validation + test).map { PathParts.name(of: DataPath.name($0)) }
    var writers: [ClickSplit: ClickWriter] = [:]
    let work = ClickEncoding(ClickEncoder(fitted, indexBases: schema.indexBases), fitted)
    let outcome = try lines.run(
      work, progress: { try progress(Progress(pass: .converting, bytesRead: $0, byteCount: $1, rows: $2)) }
    ) { chunk in
      for (split, records) in zip(ClickChunk.splits, chunk.records) where records.byteCount > 0 {
        let writer =
          try writers[split]
          ?? ClickWriter(
            folder: target, split: split, schema: fitted, source: names.joined(separator: ", "),
            rowsPerShard: rowsPerShard, schemaFile: schema.text)
        writers[split] = writer
        try writer.append(records.bytes)
      }
      work.count(chunk)
    }
    guard writers[.train] != nil else {
      throw DatasetError(file: sources[0], "no row belongs to the training split")
    }
    let summary = ClickSummary(fitted, work.tallies, queryRows: outcome.queryRows)
    try summary.require(schema, learnsHere: like == nil)
    let written = ClickSplit.allCases.compactMap { writers[$0] }
    for writer in written { try writer.finish() }
    try ClickWriter.commit(written)
    return Outcome(
      splits: written.map { .init(split: $0.split, rows: $0.rows, positives: $0.positives, bytes: $0.bytes) },
      schema: fitted, summary: summary, badLineCount: outcome.badLineCount, badLines: outcome.badLines)
  }

  private func lines() throws -> ClickLines {
    precondition(!sources.isEmpty && workers > 0 && badLines >= 0, "a conversion of nothing or with nobody")
    if schema.split != nil, let extra = (validation + test).first {
      throw DatasetError(
        file: extra,
        "the schema has a split column, so the split of a whole file is not to be given: name it as a source"
      )
    }
    let files = { (paths: [String], split: ClickSplit) in
      ClickTextFile.all(paths, schema, split: schema.split == nil ? split : nil)
    }
    return ClickLines(
      schema: schema, files: files(sources, .train) + files(validation, .validation) + files(test, .test),
      workers: workers, badLineLimit: badLines,
      badLineRemedy: "mend the text, or let more lines be left out with --bad-lines")
  }

  private func fittedSchema(_ lines: ClickLines, progress: ClickLines.Progress) throws -> ClickSchema {
    guard let like else { return try ClickFitting.fit(lines, progress: progress) }
    var fitted = try ClickDataset.open(like, split: .train).schema
    if let difference = fitted.difference(from: ClickSchema(schema)) {
      throw DatasetError(
        file: schema.file, "\(difference) is not as in \(like): give the schema file that it was converted with")
    }
    fitted.name = schema.name
    return fitted
  }
}

extension ClickSplit {
  /// Its place in `ClickSplit.allCases`.
  var index: Int {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }
}
