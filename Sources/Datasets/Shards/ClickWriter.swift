import Buffers
import Files
import Foundation

/// Writes one split of click data, in shards that take their place together: all of them whole, or what was there before.
///
///     let writer = try ClickWriter(folder: …, split: .train, schema: …, source: "day_0.tsv", rowsPerShard: 1 << 22)
///     try writer.append(records)  // again and again
///     try writer.finish()         // of every split, before
///     try writer.commit()         // any of them takes its place
///
/// Letting go of it before `commit()` leaves nothing behind. Not for use from several threads at once. Everything throws
/// `FileError` for what the system refuses and `DatasetError` for what the data are not.
public final class ClickWriter: @unchecked Sendable {
  // Unchecked: it may be handed from thread to thread.

  /// Rows that were written so far.
  public private(set) var rows = 0
  /// Those of the rows with label 1.
  public private(set) var positives = 0
  /// Written so far, without the last shard's checksums.
  public private(set) var bytes = 0
  /// The split that it writes.
  public let split: ClickSplit
  /// Where its shards will lie.
  public let folder: String

  /// One checksum each so many rows: damage is found to within 10 MB, for 4 bytes each 10 MB.
  static let blockRows = 1 << 16

  private let schema: [UInt8]
  private let check: ClickRecordCheck
  private let rowsPerShard: Int
  /// Header of a shard, with what all of them share.
  private let header: ClickHeader
  private let headerSize: Int
  private var finished: [FinishedShard] = []
  private var current: OpenShard?
  private var isFinished = false

  /// - Parameters:
  ///   - folder: made if need be.
  ///   - schema: complete: vocabularies, means and deviations are learnt.
  ///   - source: where the rows came from, for people.
  ///   - rowsPerShard: every shard but the last gets so many.
  ///   - schemaFile: the text of the schema file, where the rows were text.
  /// - Throws: `DatasetError` where the ids make too large a table; `FileError`.
  public init(
    folder: String, split: ClickSplit, schema: ClickSchema, source: String, rowsPerShard: Int, schemaFile: String? = nil
  ) throws {
    precondition(rowsPerShard > 0, "\(rowsPerShard) rows a shard")
    try schema.checkTable()
    self.folder = try OutputFolder(folder).path
    self.split = split
    self.schema = try schema.json()
    let rowsPerShard = min(rowsPerShard, ClickHeader.mostRowsPerShard)
    self.rowsPerShard = rowsPerShard
    check = ClickRecordCheck(schema)
    header = ClickHeader(
      split: split.rawValue, shard: 0, shards: 0, rows: 0, rowsPerShard: rowsPerShard, positives: 0,
      dense: schema.dense.count, fields: schema.layout.fields,
      weighted: schema.weight == nil ? nil : true, blockRows: Self.blockRows, set: 0, source: source,
      schema: .init(bytes: self.schema.count, crc32: Checksum.crc32(self.schema)), checksums: .init(bytes: 0, crc32: 0),
      schemaFile: schemaFile)
    headerSize = try header.reservedSize
  }

  /// Adds whole records, as `ClickRecordLayout` has them, in the order of the data. Any number at a time; they are
  /// checked against the schema. Throws `DatasetError` for a record that the schema does not allow; `FileError`.
  public func append(_ records: UnsafeRawBufferPointer) throws {
    precondition(!isFinished, "records after finish()")
    let stride = check.layout.stride
    precondition(records.count % stride == 0, "\(records.count) bytes of records of \(stride)")
    var rest = records[...]
    while !rest.isEmpty {
      let shard = try openShard()
      let count = min(rest.count / stride, rowsPerShard - shard.rows)
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(count * stride))
      try add(part, count, to: shard)
      rest = rest.dropFirst(count * stride)
    }
  }

  /// Brings all shards to the disk, whole. They are not in place yet. Throws `DatasetError` where there are no rows;
  /// `FileError`.
  public func finish() throws {
    precondition(!isFinished, "finish() twice")
    guard rows > 0 else {
      throw DatasetError(file: folder, "there are no rows for the split \(split.rawValue): a split needs at least one")
    }
    try finishShard()
    isFinished = true
    let set = setChecksum()
    for (index, shard) in finished.enumerated() {
      var header = header
      (header.shard, header.shards, header.set) = (index, finished.count, set)
      try shard.writeHeader(header, size: headerSize)
    }
  }

  /// Puts the shards in place, and removes those of this split that were there before. Throws `FileError`;
  /// `DatasetError` where the folder is gone.
  public func commit() throws {
    precondition(isFinished, "commit() before finish()")
    let names = finished.indices.map {
      ClickShardName(split: split.rawValue, shard: $0, shards: finished.count).text
    }
    for (shard, name) in zip(finished, names) { try shard.file.commit(as: "\(folder)/\(name)") }
    finished = []
    try Self.removeShards(in: folder) { $0.split == split.rawValue && !names.contains($0.text) }
  }

  /// Puts all splits of a data set in place, and removes shards of splits that it does not have: they are of older
  /// data, in which an id may mean something else. The file about older data's planted model goes first, so that at no
  /// moment it lies beside rows of another.
  ///
  /// - Parameter writers: of one folder, each finished.
  /// - Throws: `FileError`; `DatasetError` where the folder is gone.
  public static func commit(_ writers: [ClickWriter]) throws {
    guard let folder = writers.first?.folder else { return }
    precondition(writers.allSatisfy { $0.folder == folder }, "writers of several folders")
    try ClickPlantedQuality.remove(from: folder)
    for writer in writers { try writer.commit() }
    let splits = Set(writers.map(\.split.rawValue))
    try removeShards(in: folder) { !splits.contains($0.split) }
  }

  private static func removeShards(in folder: String, where isOlder: (ClickShardName) -> Bool) throws {
    for name in try DatasetFolder.contents(of: folder) where ClickShardName(name).map(isOlder) ?? false {
      guard unlink("\(folder)/\(name)") == 0 else { throw FileError("remove", "\(folder)/\(name)") }
    }
  }

  private func add(_ records: UnsafeRawBufferPointer, _ count: Int, to shard: OpenShard) throws {
    switch check.positives(in: records) {
    case .success(let found):
      try shard.add(records, rows: count, positives: found)
      rows += count
      positives += found
      bytes += records.count
    case .failure(let problem):
      throw DatasetError("row \(rows + problem.row) of the split \(split.rawValue): \(problem.description)")
    }
  }

  private func openShard() throws -> OpenShard {
    if let current, current.rows < rowsPerShard { return current }
    try finishShard()
    // The number of shards, and so the name, is not known yet.
    let path = "\(folder)/\(split.rawValue)-\(finished.count).lockstep"
    let shard = try OpenShard(path, headerSize: headerSize, header: header, schema: schema, stride: check.layout.stride)
    current = shard
    return shard
  }

  private func finishShard() throws {
    guard let shard = current else { return }
    finished.append(try shard.finish())
    current = nil
  }

  /// Ties the shards to one another: a mixture of two conversions does not have it.
  private func setChecksum() -> UInt32 {
    finished.reduce(header.schema.crc32) { earlier, shard in
      shard.checksums.withUnsafeBytes { Checksum.crc32($0, after: earlier) }
    }
  }
}

extension ClickSchema {
  /// Rows of the joined table are 32-bit numbers.
  func checkTable() throws {
    var rows = 0
    for field in fields {
      guard 1...Int(Int32.max) ~= field.cardinality else {
        throw DatasetError(
          "the field \(field.column) of \(name) has \(field.cardinality) ids: 1 to \(Int32.max) are possible")
      }
      rows += field.cardinality
    }
    guard rows <= Int(Int32.max) else {
      throw DatasetError(
        "the fields of \(name) have \(rows) ids together; \(Int32.max) is the most: hash the largest to fewer buckets")
    }
  }
}
