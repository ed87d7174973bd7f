import Batches
import Configuration
import Datasets
import Foundation
import Testing

/// A column of weights, from text to shards and batches.
@Suite struct TextWeightTests {
  let folder = ScratchFolder()

  private static let schema = """
    name: a
    format: csv
    label: y
    weight: w
    split: {column: s, train: t, test: e}
    dense: [n]
    ids: {x: {hash: 7}}
    """

  private static let text = "x,w,s,y,n\na,0.5,t,1,3\nb,0,t,0,4\nc,2e1,e,1,5\nd,-0,t,1,6\ne,1,e,0,7\n"

  private func weights(_ dataset: any Dataset) throws -> [Float] {
    let batch = Batch(
      inputShape: dataset.inputShape, fields: dataset.idFields?.count ?? 0, weighted: dataset.hasWeights,
      capacity: dataset.count)
    for index in 0..<dataset.count { batch.samples[index] = index }
    batch.rows = dataset.count
    try dataset.read(batch.filledSamples, into: batch)
    return Array(batch.filledWeights)
  }

  @Test func areStoredAndReadBack() throws {
    folder.write("data.csv", Self.text)
    let outcome = try folder.conversion(Self.schema, "data.csv").convert()
    #expect(outcome.schema.weight == "w")
    let training = try ClickDataset.open("\(folder.path)/converted", split: .train)
    #expect(training.hasWeights && training.schema.layout.stride == 16)
    let read = try weights(training)
    #expect(read == [0.5, 0, 0] && read[2].sign == .plus)
    #expect(try weights(ClickDataset.open("\(folder.path)/converted", split: .test)) == [20, 1])
    let range = try #require(outcome.summary[.test]?.weights)
    #expect(range.least == 1 && range.mean == 10.5 && range.greatest == 20)
    let text = try ClickText.open(
      DataConfiguration(path: "\(folder.path)/data.csv", schema: "\(folder.path)/schema.yaml"))
    #expect(try weights(text.training) == read)
    #expect(try ClickSamples(text.training) == ClickSamples(training))
    // Taken from the training set, they are the samples' own.
    var configuration = DataConfiguration(path: "\(folder.path)/converted")
    configuration.validation = ValidationConfiguration(.count(1))
    let pair = try DatasetPair.open(configuration)
    #expect(try (weights(pair.training) + weights(pair.validation)).sorted() == [0, 0, 0.5])
  }

  /// Nothing of a schema without weights knows that there are such.
  @Test func dataWithoutThemAreStoredAsBefore() throws {
    folder.write("data.csv", Self.text)
    let outcome = try folder.conversion(Self.schema.replacingOccurrences(of: "weight: w\n", with: ""), "data.csv")
      .convert()
    #expect(outcome.schema.weight == nil && outcome.summary[.train]?.weights == nil)
    let training = try ClickDataset.open("\(folder.path)/converted", split: .train)
    #expect(!training.hasWeights && training.schema.layout.stride == 12)
    for (_, bytes) in try folder.shards(of: "converted") { #expect(bytes.range(of: Data("weight".utf8)) == nil) }
  }

  @Test(arguments: ["-1", "", "nan", "1e39", "inf", "much"]) func whatIsNoWeightIsNamed(text: String) throws {
    let error = try folder.error(Self.schema, text: "x,w,s,y,n\na,1,t,1,3\nb,\(text),t,0,4\n")
    #expect(error.contains("data.txt:3: 'w' is '\(text)', not a weight: that is a number of 32 bits from 0 up"))
  }

  @Test func weightsThatAreAllZeroAreRefused() throws {
    let error = try folder.error(Self.schema, text: "x,w,s,y,n\na,0,t,1,3\nb,1,e,0,4\nb,0,t,0,4\n")
    #expect(error.contains("schema.yaml: all weights of the split train, in the column 'w', are 0"))
  }

  @Test func theLabelIsNoWeightAndOtherFormatsHaveNone() throws {
    for (schema, words) in [
      ("{name: a, format: csv, label: y, weight: y, ids: {x: {hash: 7}}}", "'y' is the label: a weight needs"),
      ("{name: a, format: libffm, weight: w, ids: {1: {hash: 7}}}", "weight"),
    ] {
      #expect("\(#expect(throws: ConfigurationError.self) { try folder.schema(schema) }!)".contains(words))
    }
    #expect(try folder.error(Self.schema, text: "x,s,y,n\na,t,1,3\n").contains("schema.yaml:4: "))
  }

  /// Neither the label nor the weight of rows to be scored is looked at.
  @Test func rowsToBeScoredNeedNone() throws {
    let schema = try folder.schema(Self.schema)
    folder.write("new.csv", "n,x\n3,a\n")
    let rows = try ClickText.open(toScore: ["\(folder.path)/new.csv"], schema: schema, fitted: ClickSchema(schema))
    #expect(try !rows.hasWeights && ClickSamples(rows).dense == [[3]])
    folder.write("bad.csv", "n,x,w,y\n3,a,-7,?\n")
    let bad = try ClickText.open(toScore: ["\(folder.path)/bad.csv"], schema: schema, fitted: ClickSchema(schema))
    #expect(try ClickSamples(bad).dense == [[3]])
  }

  @Test func anotherConversionMustAgree() throws {
    folder.write("data.csv", Self.text)
    _ = try folder.conversion(Self.schema, "data.csv").convert()
    var other = try folder.conversion(
      Self.schema.replacingOccurrences(of: "weight: w\n", with: ""), "data.csv", target: "other")
    other.like = "\(folder.path)/converted"
    let error = try folder.error { try other.convert() }
    #expect(error.contains("the weight is not as in"))
  }

  /// A negative weight in a file that something else wrote.
  @Test func storedWeightsAreChecked() throws {
    var schema = ClickRows.schema
    schema.weight = "w"
    let writer = try ClickWriter(
      folder: "\(folder.path)/made", split: .train, schema: schema, source: "a test", rowsPerShard: 10)
    for (row, weight) in [Float(1), .infinity, -1].enumerated() {
      let record = ClickRows().record(row) + littleEndian(weight.bitPattern)
      let append = { try record.withUnsafeBytes { try writer.append($0) } }
      if weight == 1 {
        try append()
      } else {
        #expect(try folder.error(append).contains("row 1 of the split train: its weight is \(weight)"))
      }
    }
  }
}
