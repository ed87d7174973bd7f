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

  /// With and without labels, in every form that text may have.
  @Test(arguments: [
    (
      // Its header says that there is no label.
      "format: csv, label: y, split: {column: s, train: t, test: e}, ids: {t: {vocabulary: 1}}, dense: [n]",
      "s,y,t,n\nt,1,a,1\nt,0,b,2\n", "n,t\n2,b\n\n3,\"c\"\n"
    ),
    (
      "format: csv, comment: '#', columns: [n, y, t], label: y, ids: {t: {vocabulary: 1}}, dense: [n]",
      "1,1,a\n2,0,b\n", "# n,t\n2,b\n3,c\n"
    ),
    (
      "format: libffm, ids: {2: {vocabulary: 1}}, dense: [1]", "1 1:1:1 2:a:1\n0 1:1:2 2:b:1\n",
      "1:1:2 2:b:1\n1:1:3 2:c:1\n"
    ),
  ])
  func rowsToScoreNeedNoLabel(schema: String, training: String, unlabelled: String) throws {
    folder.write("train.txt", training)
    let schema = "{name: a, \(schema)}"
    let fitted = try folder.conversion(schema, "train.txt").convert().schema
    let file = try folder.schema(schema)
    func rows(_ text: String, unlabelled: Bool = false) throws -> ClickSamples {
      folder.write("new.txt", text)
      return try ClickSamples(
        try ClickText.open(
          toScore: ["\(folder.path)/new.txt"], schema: file, fitted: fitted, labels: unlabelled ? .absent : .ignored))
    }
    let found = try rows(unlabelled, unlabelled: true)
    #expect(found.ids == [[2], [0]] && found.dense == [[2], [3]] && found.labels == [0, 0])
    let labelled = try rows(training.replacingOccurrences(of: "1,1,a", with: "1,?,a"))
    #expect(labelled.ids == [[1], [2]] && labelled.dense == [[1], [2]] && labelled.labels == [0, 0])
    // A header knows; without one it must be said.
    if file.format == .csv, file.columns == nil {
      #expect(try rows(unlabelled) == found && rows(training, unlabelled: true) == labelled)
    } else {
      #expect(
        try folder.error { try rows(unlabelled) }.hasSuffix("(text without labels needs --unlabelled); mend the text"))
      #expect(
        try folder.error { try rows(training, unlabelled: true) }
          .hasSuffix("(text with labels needs no --unlabelled); mend the text"))
    }
    folder.write("new.txt", unlabelled)
    #expect(throws: DatasetError.self, "labels are needed here") {
      try ClickText.open(["\(folder.path)/new.txt"], schema: file, fitted: fitted)
    }
  }

  @Test func criteoRowsToScoreNeedNoLabel() throws {
    let schema = "{name: a, format: criteo}"
    let fields = (1...39).map { "\($0)" }.joined(separator: "\t")
    let labelled = try folder.samples(schema, text: "1\t\(fields)\n")
    let fitted = ClickSchema(try folder.schema(schema))
    func rows(_ text: String, unlabelled: Bool = false) throws -> ClickTextDataset {
      folder.write("new.txt", text)
      return try ClickText.open(
        toScore: ["\(folder.path)/new.txt"], schema: folder.schema(schema), fitted: fitted,
        labels: unlabelled ? .absent : .ignored)
    }
    for (text, unlabelled) in [(fields, true), ("?\t\(fields)\r\n", false)] {
      let samples = try ClickSamples(rows(text, unlabelled: unlabelled))
      #expect(samples.ids == labelled.ids && samples.dense == labelled.dense)
    }
    let mixed = try rows("\(fields)\n\n1\t\(fields)\n", unlabelled: true)
    #expect(
      try folder.error { try ClickSamples(mixed) }
        == "new.txt:3: the line has 40 fields instead of 39 (text with labels needs no --unlabelled); mend the text")
    #expect(
      try folder.error { try ClickSamples(rows("1\t2\n")) }
        == "new.txt:1: the line has 2 fields instead of 40; mend the text")
  }

  /// A labelled line without its last column has as many fields as one without its label.
  @Test func aLostColumnIsNoLostLabel() throws {
    let schema = "{name: a, format: criteo}"
    let line = (["1"] + (1...38).map { "\($0)" }).joined(separator: "\t")
    folder.write("new.txt", "\(line)\n\(line)\n")
    let file = try folder.schema(schema)
    let rows = try ClickText.open(toScore: ["\(folder.path)/new.txt"], schema: file, fitted: ClickSchema(file))
    #expect(
      try folder.error { try ClickSamples(rows) }
        == "new.txt:1: the line has 39 fields instead of 40 (text without labels needs --unlabelled); mend the text")
  }

  @Test func whatCannotBeTrainedFrom() throws {
    try folder.schema(Self.schema)
    folder.write("data.csv", "x,s,y,n,z\na,t,1,1,1\na,t,2,1,1\n")
    #expect(
      try folder.error { try pair("data.csv") }
        == "data.csv:3: the label is '2', not 0 or 1; mend the text, or convert it with lockstep convert --bad-lines")
    folder.write("data.csv", "x,s,y,n,z\na,t,1,1,1\n")
    #expect(try folder.error { try pair("data.csv") } == "data.csv: no row belongs to the validation or the test split")
    #expect(try folder.error { try pair("none") } == "none: there is no such file")
    #expect(
      try folder.error { try ClickText.open(DataConfiguration(path: "\(folder.path)/data.csv")) }
        == "data.csv: text of click data needs data.schema, the file that says what its columns are")
    #expect(
      try folder.error {
        try ClickText.open(DataConfiguration(path: "\(folder.path)/data.csv", schema: "\(folder.path)/none.yaml"))
      } == "none.yaml: there is no such file")
  }
}
