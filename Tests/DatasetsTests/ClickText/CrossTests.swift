import Batches
import Configuration
import Datasets
import Foundation
import Testing

/// Id fields that are made of others.
@Suite struct CrossTests {
  let folder = ScratchFolder()

  static let text = "y,from,to,x\n1,JFK,LAX,2\n0,JFK,BOS,3\n1,\"BOS\",LAX,4\n0,,LAX,5\n1,JFK,LAX,6\n"
  static let rows = [("JFK", "LAX"), ("JFK", "BOS"), ("BOS", "LAX"), ("", "LAX"), ("JFK", "LAX")]

  static func schema(_ crosses: String, _ more: String = "") -> String {
    "{name: a, format: csv, \(more)label: y, dense: [x], ids: {from: {hash: 7}, to: {vocabulary: 1}}, crosses: \(crosses)}"
  }

  @Test func hashedAndWithVocabulary() throws {
    let samples = try folder.samples(Self.schema("[{columns: [from, to], hash: 1000}]"), text: Self.text)
    #expect(samples.ids.map(\.count) == Array(repeating: 3, count: 5))
    // from: 7 ids; to: 2 texts and the unknown one.
    #expect(samples.ids.map { $0[2] } == Self.rows.map { 10 + Int32(referenceHash("\($0.0)\n\($0.1)") % 1000) })
    let learnt = try folder.samples(Self.schema("[{columns: [to, from], vocabulary: 2}]"), text: Self.text)
    // Only LAX with JFK stands there twice.
    #expect(learnt.ids.map { $0[2] } == [11, 10, 10, 10, 11])
  }

  /// The texts AB and C are not A and BC.
  @Test func partsStayApart() throws {
    let text = "y,from,to,x\n1,AB,C,1\n0,A,BC,1\n1,,ABC,1\n0,ABC,,1\n"
    let samples = try folder.samples(Self.schema("[{columns: [from, to], vocabulary: 1}]"), text: text)
    #expect(Set(samples.ids.map { $0[2] }).count == 4)
    #expect(samples.ids.allSatisfy { $0[2] >= 7 + 4 + 1 })
  }

  @Test func usualEncodingAndSplitColumn() throws {
    let schema = """
      {name: a, format: csv, label: {column: y, positive: ["1"]}, defaults: {ids: {vocabulary: 1}}, missing: [NA],
       split: {column: part, train: t, test: e}, ids: [a, b, c], crosses: [[a, b], [a, b, c]]}
      """
    folder.write("data.txt", "part,a,b,c,y\nt,1,2,3,1\nt,NA,2,\"3\"\"\",0\ne,1,2,4,1\ne,1,NA,3,0\n")
    let outcome = try folder.conversion(schema, "data.txt").convert()
    #expect(outcome.schema.fields.map(\.column) == ["a", "b", "c", "a*b", "a*b*c"])
    #expect(outcome.schema.fields[3].crossed == ["a", "b"] && outcome.schema.fields[0].crossed == nil)
    #expect(
      outcome.schema.fields[4].encoding == .vocabulary(minimumCount: 1, texts: ["\n2\n3\"", "1\n2\n3"]))
    let test = try folder.samples(.test)
    let offsets = outcome.schema.idFields.offsets
    #expect(test.ids.map { Int($0[3]) - offsets[3] } == [2, 0])
    #expect(test.ids.map { Int($0[4]) - offsets[4] } == [0, 0])
    #expect(outcome.summary.splits[0].examples[0].texts.suffix(2) == ["1*2", "1*2*3"])
    // A header in the midst of the rows is still told, whatever is crossed.
    folder.write("data.txt", "part,a,b,c,y\nt,1,2,3,1\npart,a,b,c,y\ne,1,2,4,1\n")
    let twice = try folder.conversion(schema, "data.txt")
    #expect(try folder.error { try twice.convert() }.hasPrefix("data.txt:3: the line holds the names of the columns"))
  }

  /// The same from the text itself, by the schema that a conversion left.
  @Test func textIsReadAsItWasConverted() throws {
    let schema = Self.schema("[{columns: [from, to], vocabulary: 1}]")
    let converted = try folder.samples(schema, text: Self.text)
    let file = try folder.schema(schema)
    let fitted = try ClickDataset.open("\(folder.path)/converted", split: .train).schema
    #expect(fitted.fields[2].crossed == ["from", "to"])
    let text = folder.write("more.csv", Self.text)
    #expect(try ClickSamples(ClickText.open(toScore: [text], schema: file, fitted: fitted)).ids == converted.ids)
    #expect(try ClickSamples(ClickText.open([text], schema: file, fitted: fitted)) == converted)
    let other = try folder.schema(Self.schema("[{columns: [to, from], vocabulary: 1}]"))
    #expect(
      try folder.error { try ClickText.open([text], schema: other, fitted: fitted) }
        == "schema.yaml: the id columns is not as the model or data set has it")
  }

  @Test func libsvmAndLibffm() throws {
    let pairs = try folder.samples(
      "{name: s, format: libsvm, ids: [1-3, 4-8], crosses: [{columns: [1-3, 4-8], hash: 99}]}",
      text: "1 2:1 8:1\n0 4:1\n")
    #expect(pairs.ids.map { $0[2] } == ["2\n8", "\n4"].map { 10 + Int32(referenceHash($0) % 99) })
    let triples = try folder.samples(
      "{name: f, format: libffm, defaults: {ids: {hash: 9}}, ids: [0, 3], crosses: [[3, 0]]}",
      text: "1 0:5:1 3:6:1\n0 3:7:1\n")
    #expect(triples.ids.map { $0[2] } == ["6\n5", "7\n"].map { 18 + Int32(referenceHash($0) % 9) })
  }

  @Test(arguments: [
    ("[[from, too]]", "'too' is no id column (did you mean 'to'?): a cross is made of columns that 'ids' names"),
    ("[{columns: [from, x], hash: 9}]", "'x' is no id column: a cross is made of columns that 'ids' names"),
    ("[{columns: [from], hash: 9}]", "a cross has two columns or more, such as [origin, dest]"),
    ("[{columns: [from, from], hash: 9}]", "the column 'from' stands twice in one cross"),
    (
      "[{columns: [from, to], hash: 9}, {columns: [to, from], vocabulary: 2}]",
      "there are two id columns 'to*from': remove one"
    ),
    (
      "[[from, to]]",
      "the cross 'from*to' has no encoding: write {columns: [from, to], hash: 100000}, or set defaults.ids to hash or "
        + "vocabulary"
    ),
    (
      "[{columns: [from, to], hash: 9, vocabulary: 2}]",
      "crosses[0] has both hash and vocabulary: a cross has one of them"
    ),
    ("[{columns: [from, to], integer: 9}]", "unknown key 'integer'"),
  ])
  func crossesThatCannotBe(crosses: String, problem: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try folder.schema(Self.schema(crosses)) }
    #expect(error.description.contains("schema.yaml:1: \(problem)"), "\(error)")
  }

  @Test func numbersInBucketsAreNotCrossed() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try folder.schema(
        "{name: a, format: csv, label: y, ids: {h: {quantiles: 4}, c: {hash: 5}}, crosses: [{columns: [h, c], hash: 9}]}"
      )
    }
    #expect(
      error.description.hasSuffix(
        "schema.yaml:1: 'h' is a number in buckets, but a cross is made of texts: cross other columns"))
  }
}
