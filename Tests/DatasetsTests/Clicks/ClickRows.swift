import Batches
import Buffers
import Datasets
import Foundation

/// Small click data with rows that tell themselves apart: 2 dense values, fields of 3, 50 and 7 ids.
struct ClickRows {
  static let schema = ClickSchema(
    name: "small", label: .init(column: "click"),
    dense: [.init(column: "age", transform: .log, standardize: true, mean: 1.5, deviation: 2), .init(column: "price")],
    fields: [
      .init(column: "day", encoding: .integer(cardinality: 3)), .init(column: "ad", encoding: .hash(buckets: 50)),
      .init(column: "site", encoding: .vocabulary(minimumCount: 2, texts: ["\"f\"", "a", "b", "c", "d", "é"])),
    ])

  static let stride = 24

  var label: (Int) -> UInt32 = { $0 % 4 == 1 ? 1 : 0 }
  var dense: (Int) -> [Float] = { [Float($0), -0.5 * Float($0)] }
  /// Rows of the joined table.
  var ids: (Int) -> [Int32] = { [Int32($0 % 3), Int32(3 + $0 * 7 % 50), Int32(53 + $0 % 7)] }

  func record(_ row: Int) -> [UInt8] {
    littleEndian(label(row)) + dense(row).flatMap { littleEndian($0.bitPattern) }
      + ids(row).flatMap { littleEndian(UInt32(bitPattern: $0)) }
  }

  func records(_ rows: Range<Int>) -> [UInt8] { rows.flatMap(record) }

  /// Written, finished and in place.
  func write(
    _ rows: Range<Int>, to folder: String, _ split: ClickSplit = .train, schema: ClickSchema = schema,
    rowsPerShard: Int = 1000
  ) throws {
    let writer = try ClickWriter(
      folder: folder, split: split, schema: schema, source: "a test", rowsPerShard: rowsPerShard)
    try records(rows).withUnsafeBytes { try writer.append($0) }
    try writer.finish()
    try writer.commit()
  }
}

func littleEndian(_ words: UInt32...) -> [UInt8] {
  words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) } }
}

/// The values that a data set gives for some samples.
struct ClickBatch: Equatable {
  var labels: [Int32]
  var dense: [Float]
  var ids: [Int32]

  init(_ dataset: any Dataset, _ samples: [Int]) throws {
    let batch = Batch(
      inputShape: dataset.inputShape, fields: dataset.idFields?.count ?? 0, capacity: max(samples.count, 1))
    _ = batch.samples.update(fromContentsOf: samples)
    batch.rows = samples.count
    try dataset.read(batch.filledSamples, into: batch)
    labels = Array(batch.filledLabels)
    dense = batch.filledInputs.values
    ids = Array(batch.filledIDs)
  }

  init(_ rows: ClickRows, _ samples: [Int]) {
    labels = samples.map { Int32(rows.label($0)) }
    dense = samples.flatMap(rows.dense)
    ids = samples.flatMap(rows.ids)
  }
}

/// A shard as `docs/native-format.md` describes it, made without the program's own writer, so that it can be wrong in any
/// way and still have the right checksums.
struct HandMadeShard {
  var header: [String: Any] = [
    "kind": "clicks", "split": "train", "shard": 0, "shards": 1, "rowsPerShard": 100, "dense": 2, "fields": 3,
    "blockRows": 4, "source": "by hand",
  ]
  var schema = [UInt8](try! JSONEncoder().encode(ClickRows.schema))
  var records: [UInt8]
  var rows: Int

  init(_ rows: Range<Int>, _ content: ClickRows = ClickRows()) {
    records = content.records(rows)
    self.rows = rows.count
    header["rows"] = rows.count
    header["positives"] = rows.filter { content.label($0) == 1 }.count
  }

  var bytes: [UInt8] {
    let block = 4 * ClickRows.stride
    let checksums = stride(from: 0, to: records.count, by: block).flatMap {
      littleEndian(crc32(records[$0..<min($0 + block, records.count)]))
    }
    var header = self.header
    header["schema"] = ["bytes": schema.count, "crc32": crc32(schema[...])]
    header["checksums"] = ["bytes": checksums.count, "crc32": crc32(checksums[...])]
    header["set"] = header["set"] ?? crc32(checksums[...], after: crc32(schema[...]))
    let json = [UInt8](try! JSONSerialization.data(withJSONObject: header))
    var head: [UInt8] = [0x89] + Array("LSTEP\r\n".utf8)
    head += littleEndian(1, UInt32(json.count), crc32(json[...]))
    head += Array(repeating: 0, count: 40)
    head += littleEndian(crc32(head[...]))
    return padded(padded(padded(head + json) + schema) + records) + checksums
  }

  private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + Array(repeating: 0, count: (4096 - bytes.count % 4096) % 4096)
  }

  private func crc32(_ bytes: ArraySlice<UInt8>, after earlier: UInt32 = 0) -> UInt32 {
    var value = ~earlier
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
