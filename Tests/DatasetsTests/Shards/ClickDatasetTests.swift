import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct ClickDatasetTests {
  let folder = ScratchFolder()
  let rows = ClickRows()

  @Test(arguments: [(1, 10), (9, 10), (10, 10), (11, 10), (35, 10), (300, 7), (70_000, 1 << 20), (70_000, 66_000)])
  func whatWasWrittenIsRead(count: Int, rowsPerShard: Int) throws {
    try rows.write(0..<count, to: folder.path, rowsPerShard: rowsPerShard)
    let dataset = try ClickDataset.open(folder.path, split: .train)
    #expect(folder.names.count == (count + rowsPerShard - 1) / rowsPerShard)
    #expect(dataset.count == count)
    #expect(dataset.positives == (0..<count).filter { $0 % 4 == 1 }.count)
    #expect(dataset.inputShape == Shape(2))
    #expect(dataset.classes == 2)
    #expect(dataset.name == "small")
    #expect(dataset.schema == ClickRows.schema)
    #expect(dataset.clickSchema == ClickRows.schema)
    #expect(dataset.idFields == IDFields(names: ["day", "ad", "site"], cardinalities: [3, 50, 7]))
    let all = Array(0..<count)
    #expect(try ClickBatch(dataset, all) == ClickBatch(rows, all))
    let some = (0..<100).map { $0 * 7919 % count }
    #expect(try ClickBatch(dataset, some) == ClickBatch(rows, some))
  }

  @Test func piecesOfAnySizeMakeTheSameBytes() throws {
    try rows.write(0..<100_000, to: folder.path, rowsPerShard: 70_000)
    let whole = folder.names.map(folder.read)
    let writer = try ClickWriter(
      folder: folder.path, split: .train, schema: ClickRows.schema, source: "a test", rowsPerShard: 70_000)
    var next = 0
    for size in [1, 2, 0, 65_533, 1, 4_000, 463, 30_000] {
      try rows.records(next..<next + size).withUnsafeBytes { try writer.append($0) }
      next += size
    }
    #expect((writer.rows, writer.positives, writer.bytes) == (100_000, 25_000, 2_400_000))
    try writer.finish()
    try writer.commit()
    #expect(folder.names.map(folder.read) == whole)
  }

  @Test func aSetWithoutDenseValuesOrIDs() throws {
    for (dense, fields) in [([], ClickRows.schema.fields), (ClickRows.schema.dense, [])] {
      let schema = ClickSchema(name: "part", label: .init(column: "y"), dense: dense, fields: fields)
      let writer = try ClickWriter(folder: folder.path, split: .test, schema: schema, source: "", rowsPerShard: 9)
      let record =
        littleEndian(1) + dense.flatMap { _ in littleEndian(Float(2).bitPattern) }
        + schema.idFields.offsets.flatMap { littleEndian(UInt32($0)) }
      try record.withUnsafeBytes { try writer.append($0) }
      try writer.finish()
      try writer.commit()
      let batch = try ClickBatch(try ClickDataset.open(folder.path, split: .test), [0, 0])
      #expect(batch.labels == [1, 1])
      #expect(batch.dense.count == 2 * dense.count && batch.dense.allSatisfy { $0 == 2 })
      #expect(batch.ids == (fields.isEmpty ? [] : [0, 3, 53, 0, 3, 53]))
    }
  }

  @Test func nothingIsInPlaceBeforeTheCommit() throws {
    do {
      let writer = try ClickWriter(
        folder: folder.path, split: .train, schema: ClickRows.schema, source: "", rowsPerShard: 2)
      try rows.records(0..<5).withUnsafeBytes { try writer.append($0) }
      try writer.finish()
      #expect(try ClickDataset.splits(in: folder.path) == [])
    }
    #expect(folder.names == [])
  }

  @Test func aShorterSetReplacesALongerOne() throws {
    try rows.write(0..<50, to: folder.path, rowsPerShard: 10)
    try rows.write(0..<50, to: folder.path, .test, rowsPerShard: 10)
    try rows.write(100..<120, to: folder.path, rowsPerShard: 10)
    let dataset = try ClickDataset.open(folder.path, split: .train)
    #expect(try ClickBatch(dataset, [0, 19]) == ClickBatch(rows, [100, 119]))
    #expect(
      folder.names.filter { $0.hasPrefix("train") } == [
        "train-00000-of-00002.lockstep", "train-00001-of-00002.lockstep",
      ])
    #expect(folder.names.count == 7)
  }

  @Test func theWriterTakesOnlyWhatItsSchemaAllows() throws {
    var wrong = rows
    wrong.label = { $0 == 7 ? 2 : 0 }
    #expect(try error(wrong) == "row 7 of the split train: its label is 2, not 0 or 1")
    wrong = rows
    wrong.dense = { $0 == 3 ? [1, .nan] : [1, 1] }
    #expect(try error(wrong) == "row 3 of the split train: its value of price is nan")
    wrong.dense = { $0 == 3 ? [-.infinity, 0] : [1, 1] }
    #expect(try error(wrong) == "row 3 of the split train: its value of age is -inf")
    wrong = rows
    wrong.ids = { [0, $0 == 4 ? 53 : 52, 53] }
    #expect(
      try error(wrong)
        == "row 4 of the split train: its id of ad is row 53 of the table, but that field has the rows 3 to 52")
    wrong.ids = { _ in [-1, 3, 53] }
    #expect(try error(wrong).hasPrefix("row 0 of the split train: its id of day is row -1"))
    #expect(folder.names == [])
  }

  func error(_ rows: ClickRows) throws -> String { try folder.error { try rows.write(0..<20, to: folder.path) } }

  @Test func aSplitNeedsRowsAndATableFits() throws {
    #expect(
      try folder.error { try rows.write(0..<0, to: folder.path) }
        .hasSuffix("there are no rows for the split train: a split needs at least one"))
    var schema = ClickRows.schema
    schema.fields.append(.init(column: "user", encoding: .hash(buckets: Int(Int32.max))))
    #expect(
      try folder.error { try rows.write(0..<1, to: folder.path, schema: schema) }
        == "the fields of small have 2147483707 ids together; 2147483647 is the most: hash the largest to fewer buckets"
    )
    schema.fields[3].encoding = .integer(cardinality: 0)
    #expect(
      try folder.error { try rows.write(0..<1, to: folder.path, schema: schema) }
        == "the field user of small has 0 ids: 1 to 2147483647 are possible")
  }

  @Test func aRunEvaluatesOnTheSplitThatItNames() throws {
    try rows.write(0..<50, to: folder.path)
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: folder.path)) }
        .hasSuffix("click data with only train: a run needs train, and validation or test"))
    try rows.write(50..<60, to: folder.path, .validation)
    let only = try DatasetPair.open(DataConfiguration(path: folder.path, limit: 20))
    #expect((only.training.count, only.validation.count) == (20, 10))
    #expect(
      only.notices.first?.hasSuffix("has no test split, which data.evaluateOn asks for: evaluating on validation")
        == true)
    try rows.write(60..<63, to: folder.path, .test)
    let test = try DatasetPair.open(DataConfiguration(path: folder.path))
    #expect(test.notices.isEmpty && test.validation.count == 3)
    #expect(try ClickBatch(test.validation, [0]) == ClickBatch(rows, [60]))
    let validation = try DatasetPair.open(DataConfiguration(path: folder.path, evaluateOn: .validation))
    #expect(validation.notices.isEmpty && validation.validation.count == 10)
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: folder.path, classes: 10)) }
        .hasSuffix("click data has 2 classes, but data.classes is 10: remove the key"))
  }

  @Test func inspectionTellsWhatIsThere() throws {
    try rows.write(0..<50, to: folder.path, rowsPerShard: 20)
    try rows.write(0..<8, to: folder.path, .test)
    let facts = Dictionary(uniqueKeysWithValues: try Inspection.inspect(folder.path))
    #expect(facts["train: rows"] == "50")
    #expect(facts["train: shards"] == "3")
    #expect(facts["train: positives"] == "13 (26.00 %)")
    #expect(facts["test: positives"] == "2 (25.00 %)")
    #expect(facts["id fields"] == "3, with 60 rows of the table")
    #expect(facts["  ad"] == "50: hashed")
    #expect(facts["  age"] == "log, less 1.5, over 2, missing is 0")
    let shard = "\(folder.path)/train-00002-of-00003.lockstep"
    let one = Dictionary(uniqueKeysWithValues: try Inspection.inspect(shard))
    #expect(one["rows"] == "10")
    #expect(one["shards"] == "number 2 of 3")
    #expect(try ClickBatch(try ClickDataset.open(file: shard), [9]) == ClickBatch(rows, [49]))
  }

  @Test func theReaderBringsEveryRowOnce() throws {
    try rows.write(0..<1000, to: folder.path, rowsPerShard: 300)
    let dataset = try ClickDataset.open(folder.path, split: .train)
    let plan = try BatchPlan(samples: 1000, globalBatch: 64, microBatch: 16)
    let order = TrainingOrder(plan: plan, seed: 1, rank: 0, ranks: 1, steps: 0..<16)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: 16, depth: 2)
    var seen: [Int] = []
    while let batch = try reader.next() {
      let samples = Array(batch.filledSamples)
      let expected = ClickBatch(rows, samples)
      #expect(Array(batch.filledIDs) == expected.ids)
      #expect(Array(batch.filledLabels) == expected.labels)
      #expect(batch.filledInputs.values == expected.dense)
      seen += samples
      reader.recycle(batch)
    }
    #expect(seen.sorted() == Array(0..<1000))
  }
}
