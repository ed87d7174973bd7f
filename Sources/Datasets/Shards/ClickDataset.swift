import Batches
import Buffers
import Foundation

/// Click data in `.lockstep` shards: memory-mapped, verified as a whole when opened, copied into batches as they lie there.
/// Ranks of a node share one copy of it.
public final class ClickDataset: ClickSamples, @unchecked Sendable {
  // Unchecked: nothing writes to the shards.

  /// The schema's.
  public let name: String
  /// Samples.
  public let count: Int
  /// `[dense values]`; `[0]` where there are none.
  public let inputShape: Shape
  /// Labels are 0 and 1.
  public let classes = 2
  /// With what was learnt from the training split.
  public let schema: ClickSchema
  /// Id fields of the joined table.
  public let idFields: IDFields?
  /// Labels that are 1, of all rows, whatever the limit.
  public let positives: Int
  let shards: ClickShards
  private let layout: ClickRecordLayout
  private let rowsPerShard: Int
  private let tableRows: UInt32
  /// Where each shard's rows begin.
  private let starts: [UnsafeRawPointer]

  /// The same.
  public var clickSchema: ClickSchema? { schema }
  /// Nil where the rows were no text, or were converted before it was kept.
  public var schemaFile: String? { shards.files[0].header.schemaFile }
  /// CRC-32 over all shards of the split.
  public var checksum: UInt32? { shards.files[0].header.set }
  /// Whether the schema names a column of weights.
  public var hasWeights: Bool { layout.isWeighted }

  /// - Parameter limit: use only the first so many rows.
  init(_ shards: ClickShards, limit: Int? = nil) {
    self.shards = shards
    schema = shards.schema
    name = schema.name
    count = min(limit ?? shards.rows, shards.rows)
    inputShape = Shape(schema.dense.count)
    idFields = schema.idFields
    positives = shards.positives
    layout = schema.layout
    tableRows = UInt32(schema.idFields.rows)
    rowsPerShard = shards.files[0].header.rowsPerShard
    starts = shards.files.map { $0.records.baseAddress! }
  }

  /// One split of a folder.
  ///
  /// - Throws: `DatasetError`.
  public static func open(_ folder: String, split: ClickSplit, limit: Int? = nil) throws -> ClickDataset {
    ClickDataset(try ClickShards.open(folder, split), limit: limit)
  }

  /// One shard alone, whatever its split: to score a file.
  ///
  /// - Throws: `DatasetError`.
  public static func open(file path: String) throws -> ClickDataset { ClickDataset(try ClickShards.open(file: path)) }

  /// The splits that a folder holds; none where it does not hold click data in shards.
  ///
  /// - Throws: `DatasetError` where the folder cannot be read.
  public static func splits(in folder: String) throws -> [ClickSplit] {
    ClickShards.splits(in: try DatasetFolder.contents(of: folder))
  }

  /// - Throws: `DatasetError` where a label or an id is none: rows were checked when they were opened, and have changed since.
  public func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    precondition(samples.count <= batch.capacity, "\(samples.count) samples into a batch of \(batch.capacity)")
    precondition(
      batch.inputs.count == batch.capacity * layout.dense && batch.fields == layout.fields,
      "a batch of \(batch.inputs.shape) and \(batch.fields) fields for \(layout)")
    precondition(
      batch.weights.count == (hasWeights ? batch.capacity : 0), "room for \(batch.weights.count) weights for \(layout)")
    try starts.withUnsafeBufferPointer { starts in
      for first in stride(from: 0, to: samples.count, by: Self.rowsAtOnce) {
        let rows = first..<min(first + Self.rowsAtOnce, samples.count)
        copyLabels(samples, rows, starts, batch)
        copyIDs(samples, rows, starts, batch)
        copyDense(samples, rows, starts, batch)
        if layout.isWeighted { copyWeights(samples, rows, starts, batch) }
        guard isSound(rows, batch) else { throw damage(samples, rows, batch) }
      }
    }
    try LostPages.requireNone()
  }

  /// Throws `DatasetError` where a shard was shortened or its disk failed.
  public func requireWhole() throws { try LostPages.requireWholeFiles() }

  /// Whether the labels and ids of a batch are some. They lie in the cache, and the loops are vector instructions.
  @inline(__always)
  private func isSound(_ rows: Range<Int>, _ batch: Batch) -> Bool {
    let labels = batch.labels.baseAddress! + rows.lowerBound
    var bits: Int32 = 0
    for row in 0..<rows.count { bits |= labels[row] }
    guard layout.fields > 0 else { return bits & ~1 == 0 }
    let ids = batch.ids.baseAddress! + rows.lowerBound * layout.fields
    var most: UInt32 = 0
    for index in 0..<rows.count &* layout.fields { most = max(most, UInt32(bitPattern: ids[index])) }
    return bits & ~1 == 0 && most < tableRows
  }

  private func damage(_ samples: UnsafeBufferPointer<Int>, _ rows: Range<Int>, _ batch: Batch) -> DatasetError {
    let row = rows.first { !isSound($0..<$0 + 1, batch) } ?? rows.lowerBound
    let (shard, place) = samples[row].quotientAndRemainder(dividingBy: rowsPerShard)
    return .changed(
      shards.files[shard].path, "row \(place) has a label that is not 0 or 1, or an id that the table has no row for")
  }

  /// Rows in random order are cache misses. Their labels come first, one short load a row, so that many rows are on their
  /// way from memory at once; what follows finds them in the cache. One row at a time read two thirds as many rows a second.
  private static let rowsAtOnce = 32

  @inline(__always)
  private func copyLabels(
    _ samples: UnsafeBufferPointer<Int>, _ rows: Range<Int>, _ starts: UnsafeBufferPointer<UnsafeRawPointer>,
    _ batch: Batch
  ) {
    for row in rows { batch.labels[row] = record(samples[row], starts).loadUnaligned(as: Int32.self) }
  }

  @inline(__always)
  private func copyIDs(
    _ samples: UnsafeBufferPointer<Int>, _ rows: Range<Int>, _ starts: UnsafeBufferPointer<UnsafeRawPointer>,
    _ batch: Batch
  ) {
    guard layout.fields > 0 else { return }
    let target = UnsafeMutableRawPointer(batch.ids.baseAddress!)
    let size = 4 * layout.fields
    for row in rows {
      (target + row * size).copyMemory(from: record(samples[row], starts) + layout.idsOffset, byteCount: size)
    }
  }

  @inline(__always)
  private func copyDense(
    _ samples: UnsafeBufferPointer<Int>, _ rows: Range<Int>, _ starts: UnsafeBufferPointer<UnsafeRawPointer>,
    _ batch: Batch
  ) {
    let target = UnsafeMutableRawPointer(batch.inputs.pointer)
    let size = 4 * layout.dense
    for row in rows {
      (target + row * size).copyMemory(from: record(samples[row], starts) + layout.denseOffset, byteCount: size)
    }
  }

  private func copyWeights(
    _ samples: UnsafeBufferPointer<Int>, _ rows: Range<Int>, _ starts: UnsafeBufferPointer<UnsafeRawPointer>,
    _ batch: Batch
  ) {
    for row in rows {
      batch.weights[row] = (record(samples[row], starts) + layout.weightOffset).loadUnaligned(as: Float.self)
    }
  }

  @inline(__always)
  private func record(_ sample: Int, _ starts: UnsafeBufferPointer<UnsafeRawPointer>) -> UnsafeRawPointer {
    precondition(sample >= 0 && sample < count, "sample \(sample) of \(count)")
    // Most data has one shard, and a division costs as much as the rest.
    if sample < rowsPerShard { return starts[0] + sample * layout.stride }
    let (shard, row) = sample.quotientAndRemainder(dividingBy: rowsPerShard)
    return starts[shard] + row * layout.stride
  }
}
