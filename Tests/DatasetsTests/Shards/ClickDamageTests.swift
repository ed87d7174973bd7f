import Configuration
import Datasets
import Foundation
import Testing

@Suite struct ClickDamageTests {
  let folder = ScratchFolder()
  let rows = ClickRows()
  static let first = "train-00000-of-00002.lockstep"
  static let second = "train-00001-of-00002.lockstep"
  static let alone = "train-00000-of-00001.lockstep"

  func error() throws -> String { try folder.error { try ClickDataset.open(folder.path, split: .train) } }

  func error(_ shard: HandMadeShard) throws -> String {
    folder.write(Self.alone, shard.bytes)
    return try error()
  }

  // The layout of such a shard: header to 4096, schema to 8192, then 90,000 rows of 24 bytes.
  func writeTwoShards() throws { try rows.write(0..<100_000, to: folder.path, rowsPerShard: 90_000) }

  @Test func theDescribedFormatIsTheFormat() throws {
    folder.write(Self.alone, HandMadeShard(0..<10).bytes)
    let dataset = try ClickDataset.open(folder.path, split: .train)
    #expect(try ClickBatch(dataset, [9, 0]) == ClickBatch(rows, [9, 0]))
  }

  @Test(arguments: [
    (9, "the checksum of its header"), (70, "the checksum of its schema"), (4100, "the checksum of its click schema"),
    (8192, "the checksum of its block 0 (rows 0 to 65535), at byte 8192"),
    (8192 + 24 * 70_000, "the checksum of its block 1 (rows 65536 to 89999), at byte 1581056"),
    (8192 + 24 * 90_000 - 1, "the checksum of its block 1"), (2_170_880, "the checksum of its checksums"),
  ])
  func oneFlippedBit(offset: Int, message: String) throws {
    try writeTwoShards()
    var bytes = folder.read(Self.first)
    #expect(bytes.count == 2_170_880 + 8)
    bytes[offset] ^= 0x10
    folder.write(Self.first, bytes)
    if offset == 9 {
      #expect(try error().hasPrefix("\(Self.first): written in version 4097"))
    } else {
      #expect(try error().hasPrefix("\(Self.first): \(message)"))
    }
  }

  @Test(arguments: [0, 7, 63, 64, 300, 4095, 4096, 5000, 8191, 8192, 9000, 2_168_191, 2_168_192, 2_170_880, 2_170_887])
  func cutShort(size: Int) throws {
    try writeTwoShards()
    folder.write(Self.first, Array(folder.read(Self.first).prefix(size)))
    #expect(try error().hasPrefix("\(Self.first): cut short: it ends at byte \(size)"))
  }

  @Test func bytesAfterTheEnd() throws {
    try writeTwoShards()
    folder.write(Self.first, folder.read(Self.first) + [0])
    #expect(try error().hasPrefix("\(Self.first): 1 bytes follow its end, at byte 2170888"))
  }

  @Test func missingAndSurplusShards() throws {
    try writeTwoShards()
    let first = folder.read(Self.first)
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(Self.first)")
    #expect(try error().hasPrefix("\(Self.first): this shard is missing"))
    folder.write(Self.first, first)
    folder.write("train-00002-of-00002.lockstep", first)
    #expect(try error() == "train-00002-of-00002.lockstep: a shard beyond the last: remove it")
    try FileManager.default.removeItem(atPath: "\(folder.path)/train-00002-of-00002.lockstep")
    folder.write("train-00000-of-00003.lockstep", first)
    #expect(try error().contains("are shards of two conversions: remove those of the older one"))
    try FileManager.default.removeItem(atPath: "\(folder.path)/train-00000-of-00003.lockstep")
    folder.write(Self.second, first)
    #expect(try error() == "\(Self.second): inside it is \(Self.first): give it its own name back")
  }

  @Test func shardsOfTwoConversionsWithOneName() throws {
    try rows.write(100..<115, to: folder.path, rowsPerShard: 10)
    let other = folder.read(Self.second)
    try rows.write(0..<15, to: folder.path, rowsPerShard: 10)
    folder.write(Self.second, other)
    #expect(try error().hasPrefix("\(Self.second): not made together with \(Self.first)"))
    var schema = ClickRows.schema
    schema.dense[0].mean = 1.25
    try rows.write(0..<15, to: folder.path, schema: schema, rowsPerShard: 10)
    folder.write(Self.second, other)
    #expect(try error().hasPrefix("\(Self.second): its schema is not that of \(Self.first)"))
    try rows.write(0..<15, to: folder.path, .test)
    try rows.write(0..<15, to: folder.path, schema: schema)
    let test = "test-00000-of-00001.lockstep"
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: folder.path)) }
        == "\(test): its schema is not that of \(Self.alone): make all splits again, together")
    #expect(try folder.error { try Inspection.inspect(folder.path) }.contains("its schema is not that of"))
  }

  @Test func rowsThatTheSchemaForbids() throws {
    var wrong = rows
    wrong.label = { $0 == 7 ? 2 : 0 }
    #expect(try error(HandMadeShard(0..<10, wrong)).hasPrefix("\(Self.alone): row 7: its label is 2, not 0 or 1"))
    wrong = rows
    wrong.ids = { [0, 3, $0 == 9 ? 60 : 59] }
    #expect(
      try error(HandMadeShard(0..<10, wrong))
        .hasPrefix("\(Self.alone): row 9: its id of site is row 60 of the table, but that field has the rows 53 to 59"))
    wrong = rows
    wrong.dense = { $0 == 0 ? [.infinity, 0] : [0, 0] }
    #expect(try error(HandMadeShard(0..<10, wrong)).hasPrefix("\(Self.alone): row 0: its value of age is inf"))
  }

  @Test(arguments: [
    ("positives", 5, "its header says that 5 labels are 1, but 3 are"),
    ("rows", 0, "its schema, at byte 64: rows is 0, but must be at least 1"),
    ("rows", -1, "its schema, at byte 64: rows is -1, but must be at least 1"),
    ("rowsPerShard", 9, "its header makes no sense"),
    ("shard", 1, "its header makes no sense"),
    ("blockRows", 0, "its schema, at byte 64: blockRows is 0, but must be at least 1"),
    ("dense", Int.max, "its schema, at byte 64: dense is 9223372036854775807, but must be at most 65536"),
    ("fields", -1, "its schema, at byte 64: fields is -1, but must be at least 0"),
    ("rows", 100, "its header makes no sense"), ("set", 7, "its fellows are not those that it was made with"),
    ("fields", 2, "its header has 2 dense values and 2 id fields, its schema 2 and 3"), ("dense", 1_000, "cut short"),
  ])
  func headersThatDoNotAgree(key: String, value: Int, message: String) throws {
    var shard = HandMadeShard(0..<10)
    shard.header[key] = value
    let found = try error(shard)
    #expect(found.hasPrefix("\(Self.alone): \(message)"))
  }

  @Test func schemasThatCannotBe() throws {
    var shard = HandMadeShard(0..<10)
    shard.schema = Array("{}".utf8)
    #expect(try error(shard).hasPrefix("\(Self.alone): its click schema: missing key 'name'"))
    var schema = ClickRows.schema
    schema.dense.append(.init(column: "more"))
    shard.schema = [UInt8](try JSONEncoder().encode(schema))
    #expect(try error(shard).contains("its header has 2 dense values and 3 id fields, its schema 3 and 3"))
    schema = ClickRows.schema
    schema.fields[1].encoding = .hash(buckets: -50)
    shard.schema = [UInt8](try JSONEncoder().encode(schema))
    #expect(
      try error(shard).contains("its click schema: fields[1].encoding.hash.buckets is -50, but must be at least 1"))
    shard = HandMadeShard(0..<10)
    shard.header["kind"] = "sounds"
    #expect(try error(shard) == "\(Self.alone): it holds sounds; this program reads images and clicks")
    shard.header["kind"] = nil
    #expect(try error(shard) == "\(Self.alone): it holds images, not clicks")
  }
}
