import Buffers
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct TextTrainingTests {
  let folder = ScratchFolder()

  static let schema = """
    name: a
    format: csv
    label: y
    split: {column: s, train: t, validation: v, test: e}
    dense: {n: {standardize: true, transform: log}}
    ids: {x: {vocabulary: 2}, z: {hash: 7}}
    """

  /// Rows of all splits in turn, in several chunks.
  private func text(rows: Int) -> String {
    "x,s,y,n,z\n"
      + (0..<rows).map { row in
        "\"w\"\"\(row * 7919 % 501)\",\(["t", "t", "v", "t", "e"][row % 5]),\(row % 3 == 0 ? 1 : 0),\(row % 1000).25,\(row)\n"
      }.joined()
  }

  private func pair(_ path: String, limit: Int? = nil, evaluateOn: DataConfiguration.EvaluationSplit = .test) throws
    -> DatasetPair
  {
    try ClickText.open(
      DataConfiguration(
        path: "\(folder.path)/\(path)", limit: limit, schema: "\(folder.path)/schema.yaml", evaluateOn: evaluateOn))
  }

  @Test func textReadsLikeTheBinaryForm() throws {
    folder.write("data.csv", text(rows: 90_000))
    let outcome = try folder.conversion(Self.schema, "data.csv").convert()
    let test = try pair("data.csv")
    #expect(test.training.clickSchema == outcome.schema)
    #expect(test.training.name == "a" && test.training.classes == 2)
    #expect(test.training.idFields == outcome.schema.idFields)
    #expect(test.training.count == 54_000)
    #expect(try ClickSamples(test.training) == folder.samples())
    #expect(try ClickSamples(test.validation) == folder.samples(.test))
    #expect(try ClickSamples(pair("data.csv", evaluateOn: .validation).validation) == folder.samples(.validation))
    let limited = try pair("data.csv", limit: 10)
    #expect(limited.training.count == 10 && limited.validation.count == 18_000)
  }

  @Test func folderOfFilesReadsLikeTheBinaryForm() throws {
    let schema = "{name: a, format: csv, label: y, ids: {t: {vocabulary: 1}}}"
    let packed = [UInt8](try #require(Data(base64Encoded: ClickConversionTests.xz)))
    try FileManager.default.createDirectory(atPath: "\(folder.path)/in", withIntermediateDirectories: true)
    folder.write("in/train-0.csv", "y,t\n1,d\n0,a\n")
    folder.write("in/train-1.csv.xz", packed)
    folder.write("in/test.csv", "t,y\nd,1\nq,0\nb,1")
    var conversion = try folder.conversion(schema, "in/train-0.csv", "in/train-1.csv.xz")
    conversion.test = ["\(folder.path)/in/test.csv"]
    _ = try conversion.convert()
    let pair = try pair("in", evaluateOn: .validation)
    #expect(try ClickSamples(pair.training) == folder.samples())
    #expect(try ClickSamples(pair.validation) == folder.samples(.test))
    #expect(try ClickSamples(pair.training).labels == [1, 0, 1, 0, 1, 1])
  }

  @Test func otherRowsAreReadByALearntSchema() throws {
    folder.write("data.csv", "y,t\n1,a\n0,b\n")
    folder.write("new.csv", "t,y\nc,1\nb,0\n")
    let schema = "{name: a, format: csv, label: y, ids: {t: {vocabulary: 1}}}"
    let outcome = try folder.conversion(schema, "data.csv").convert()
    let rows = try ClickText.open(
      ["\(folder.path)/new.csv"], schema: try folder.schema(schema), fitted: outcome.schema)
    #expect(try ClickSamples(rows).ids == [[0], [2]])
  }

  @Test func whatCannotBeTrainedFrom() throws {
    try folder.schema(Self.schema)
    folder.write("data.csv", "x,s,y,n,z\na,t,1,1,1\na,t,2,1,1\n")
    #expect(
      try folder.error { try pair("data.csv") }
        == "data.csv:3: the label is '2', not 0 or 1; mend the text, or convert it with lockstep convert --bad-lines")
    folder.write("data.csv", "x,s,y,n,z\na,t,1,1,1\n")
    #expect(try folder.error { try pair("data.csv") } == "data.csv: no row belongs to the validation or the test split")
    #expect(try folder.error { try pair("none") } == "none: there is no such file or folder")
    #expect(
      try folder.error { try ClickText.open(DataConfiguration(path: "\(folder.path)/data.csv")) }
        == "data.csv: text of click data needs data.schema, the file that says what its columns are")
    #expect(
      try folder.error {
        try ClickText.open(DataConfiguration(path: "\(folder.path)/data.csv", schema: "\(folder.path)/none.yaml"))
      } == "none.yaml: there is no such file")
  }
}
