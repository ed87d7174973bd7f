import Batches
import Buffers
import Configuration
import Foundation

/// Click data that stay text: lines are parsed when they are read. For comparisons with the binary form, which gives the
/// same samples in the same order and costs no parsing.
public final class ClickTextDataset: ClickSamples, @unchecked Sendable {
  // Unchecked: splitters and tally are used by whoever holds the lock; all else is read only once it is opened.

  /// The schema's.
  public let name: String
  /// Samples.
  public let count: Int
  /// `[dense values]`
  public let inputShape: Shape
  /// Labels are 0 and 1.
  public let classes = 2
  /// Id fields of the joined table.
  public let idFields: IDFields?
  /// With all that was learnt from the training split.
  public let schema: ClickSchema
  /// The same.
  public var clickSchema: ClickSchema? { schema }
  /// The text of the schema file.
  public let schemaFile: String?
  /// CRC-32 of the text.
  public let checksum: UInt32?
  /// Whether the schema names a column of weights. Rows to be scored have none.
  public var hasWeights: Bool { encoder.readsWeights }
  /// Lines about the rows that a person should know.
  public internal(set) var notices: [String] = []
  /// Counts over the rows read so far: only of rows to be scored.
  private let tally: ClickTally?
  private let encoder: ClickEncoder
  private let files: [ClickMappedText]
  /// Where each row begins in all files together.
  private let starts: [Int]
  /// The remedy for a malformed line; nil where all lines were checked.
  private let remedy: String?
  private let lock = NSLock()

  init(
    _ schema: ClickSchema, _ schemaFile: String, _ encoder: ClickEncoder, _ files: [ClickMappedText], starts: [Int],
    limit: Int?, remedy: String?
  ) {
    self.schema = schema
    self.schemaFile = schemaFile
    self.encoder = encoder
    self.files = files
    self.starts = starts
    self.remedy = remedy
    tally = remedy == nil ? nil : ClickTally(schema, nil)
    name = schema.name
    count = min(limit ?? starts.count, starts.count)
    inputShape = Shape(schema.dense.count)
    idFields = schema.idFields
    checksum = files.reduce(0) { Checksum.crc32($1.bytes, after: $0) }
  }

  /// - Throws: `DatasetError` for a malformed line.
  public func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    precondition(samples.count <= batch.capacity, "\(samples.count) samples into a batch of \(batch.capacity)")
    precondition(
      batch.fields == encoder.layout.fields, "a batch of \(batch.fields) ids a sample for \(encoder.layout.fields)")
    lock.lock()
    defer { lock.unlock() }
    for (row, sample) in samples.enumerated() {
      precondition(sample >= 0 && sample < count, "sample \(sample) of \(count)")
      try read(starts[sample], into: batch, row)
    }
    try LostPages.requireNone()
  }

  /// Throws `DatasetError` where a text file was shortened or its disk failed.
  public func requireWhole() throws { try LostPages.requireWholeFiles() }

  private func read(_ start: Int, into batch: Batch, _ row: Int) throws {
    let file = files[self.file(of: start)]
    let splitter = file.splitter
    let line = file.line(at: start - file.base)
    splitter.forgetTexts()
    let dense = batch.inputs.pointer + row * schema.dense.count
    let ids = batch.ids.baseAddress! + row * batch.fields
    let problem =
      splitter.split(line)
      ?? encoder.encode(
        splitter.texts, label: &batch.labels[row], dense: dense, ids: ids,
        weight: hasWeights ? batch.weights.baseAddress! + row : nil)
    if let problem {
      try LostPages.requireNone()
      throw error(problem.words(splitter.layout), file, at: start - file.base)
    }
    tally?.addUnknown(ids)
  }

  /// Counts over the rows to be scored that were read so far: by id field how many texts there are, and how many of them
  /// the vocabulary lacks.
  package var unknown: [(unknown: Int, of: Int)] {
    lock.withLock { tally.map { tally in schema.fields.indices.map { tally.unknown(ofField: $0) } } ?? [] }
  }

  /// Appends the carried texts of a row, each with a comma behind it, as CSV has them.
  ///
  /// - Throws: `DatasetError` where the line has changed since it was read.
  public func appendCarriedTexts(of row: Int, to fields: inout [UInt8]) throws {
    lock.lock()
    defer { lock.unlock() }
    let file = files[self.file(of: starts[row])]
    let (line, splitter) = (file.line(at: starts[row] - file.base), file.splitter)
    splitter.forgetTexts()
    if let problem = splitter.split(line) {
      throw error(problem.words(splitter.layout), file, at: starts[row] - file.base)
    }
    for text in splitter.layout.carried {
      CSVField.append(splitter.texts[text].bytes, to: &fields)
      fields.append(UInt8(ascii: ","))
    }
  }

  private func error(_ problem: String, _ file: ClickMappedText, at start: Int) -> DatasetError {
    guard let remedy else {
      return .changed(file.path, "at byte \(start) \(problem)")
    }
    return DatasetError("\(file.path):\(file.lineNumber(at: start)): \(problem); \(remedy)")
  }

  private func file(of start: Int) -> Int {
    var index = files.count - 1
    while files[index].base > start { index -= 1 }
    return index
  }
}
