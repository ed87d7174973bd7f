import Configuration
import Datasets
import Foundation
import Testing

/// The summary that conversion shows, and the data that it refuses as a whole.
@Suite struct TextSummaryTests {
  let folder = ScratchFolder()

  private func conversion(_ schema: String, train: String, test: String? = nil) throws -> ClickConversion {
    folder.write("train.csv", train)
    var conversion = try folder.conversion(schema, "train.csv")
    conversion.schema = try folder.schema(schema)
    if let test {
      folder.write("test.csv", test)
      conversion.test = ["\(folder.path)/test.csv"]
    }
    return conversion
  }

  @Test(arguments: ["vocabulary: 1", "hash: 100000", "integer: 10000"]) func idsThatAreAllUnknown(encoding: String)
    throws
  {
    let schema = "{name: a, format: csv, label: y, ids: {c: {\(encoding)}}}"
    let isWhole = encoding.hasPrefix("integer")
    var conversion = try conversion(
      schema, train: "y,c\n1,1\n0,2\n1,3\n", test: isWhole ? "y,c\n1,11\n0,12\n" : "y,c\n1,1.0\n0,2.0\n1,3.0\n")
    let unit = encoding.hasPrefix("vocabulary") ? "texts" : "ids"
    #expect(
      try folder.error { try conversion.convert() }
        == "schema.yaml: all of the \(unit) of 'c' in the split test are unknown, such as '\(isWhole ? "11" : "1.0")': is it "
        + "written as in the training split? If so, set 'allow: {unknown: 1}'")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/converted/train-00000-of-00001.lockstep"))
    conversion.schema = try folder.schema(
      schema.replacingOccurrences(of: "label: y", with: "label: y, allow: {unknown: 1}"))
    let summary = try conversion.convert().summary
    #expect(summary[.test]?.fields[0].share == 1)
    #expect(summary.notices == ["unknown ids in the split test: c 100.0 %"])
  }

  @Test func aBoundOfUnknownIDs() throws {
    let schema = "{name: a, format: csv, label: y, ids: {c: {vocabulary: 1}}, allow: {unknown: 0.25}}"
    let train = "y,c\n1,1\n0,2\n"
    let outcome = try conversion(schema, train: train, test: "y,c\n1,1\n0,2\n1,1\n0,5\n").convert()
    #expect(outcome.summary[.test]?.fields == [.rows(1, of: 4)])
    #expect(outcome.summary[.train]?.fields == [.rows(0, of: 2)])
    let worse = try conversion(schema, train: train, test: "y,c\n1,1\n0,5\n1,1\n")
    #expect(
      try folder.error { try worse.convert() }
        == "schema.yaml: 33.3 % of the texts of 'c' in the split test are unknown: is it written as in the training split? If so, "
        + "set 'allow: {unknown: 0.34}'")
  }

  @Test func vocabularyWithoutATextIsRefused() throws {
    let conversion = try conversion(
      "{name: a, format: csv, label: y, ids: {c: {vocabulary: 5}}}", train: "y,c\n1,1\n0,2\n")
    #expect(
      try folder.error { try conversion.convert() }
        == "schema.yaml: all of the texts of 'c' in the split train are unknown, such as '1': no text stands 5 times in the "
        + "training split: lower its 'vocabulary', or leave the column out")
  }

  @Test func labelsOfOneClass() throws {
    let schema = "{name: a, format: csv, label: {column: y, positive: [\"1\"]}, ids: {c: {hash: 9}}}"
    let decimal = try conversion(schema, train: "y,c\n1.0,1\n0.0,2\n")
    #expect(
      try folder.error { try decimal.convert() }
        == "schema.yaml: all 2 labels of the split train are 0, as none is '1' (there are '1.0', '0.0'): is 'positive' written "
        + "as in the data? If this is meant, set 'allow: {oneClass: true}'")
    let plain = "{name: a, format: csv, label: y, ids: {c: {hash: 9}}}"
    let numbers = try self.conversion(plain, train: "y,c\n1,1\n1,2\n")
    #expect(
      try folder.error { try numbers.convert() }
        == "schema.yaml: all 2 labels of the split train are 1: look at that column, and if this is meant, set "
        + "'allow: {oneClass: true}'")
    let allowed = plain.replacingOccurrences(of: "label: y", with: "label: y, allow: {oneClass: true}")
    #expect(try self.conversion(allowed, train: "y,c\n1,1\n1,2\n").convert().splits[0].positives == 2)
    // One class may be all there is of another day.
    folder.write("one.txt", "y,c\n1,1\n0,2\n")
    _ = try folder.conversion(plain, "one.txt", target: "first").convert()
    var next = try conversion(plain, train: "y,c\n1,1\n")
    next.like = "\(folder.path)/first"
    #expect(try next.convert().summary.notices == ["the only label of the split train is 1"])
  }

  @Test func aSplitOfOneClassIsChanceOrNot() throws {
    let schema = "{name: a, format: csv, label: {column: y, positive: [\"1\"]}, ids: {c: {hash: 9}}}"
    let train = "y,c\n" + (0..<100).map { "\($0 % 4 == 0 ? 1 : 0),\($0 % 5)\n" }.joined()
    // 0.75²⁰ is 0.003, 0.75⁵⁰ is 6e-7.
    let few = try conversion(schema, train: train, test: "y,c\n" + String(repeating: "1.0,1\n", count: 20)).convert()
    #expect(
      few.summary.notices.contains("all 20 labels of the split test are 0, as none is '1' (there are '1.0')"))
    let many = try conversion(schema, train: train, test: "y,c\n" + String(repeating: "1.0,1\n", count: 50))
    #expect(
      try folder.error { try many.convert() }.hasPrefix("schema.yaml: all 50 labels of the split test are 0, as none"))
  }

  @Test func positiveTextsThatNeverOccur() throws {
    let schema = "{name: a, format: csv, label: {column: y, positive: [p, \"p.\"]}, ids: {c: {hash: 9}}}"
    let outcome = try conversion(schema, train: "y,c\np,1\nn,2\n").convert()
    #expect(outcome.summary.notices == ["no label is 'p.', which the schema has among 'positive'"])
  }

  @Test func whatWasMade() throws {
    let schema = """
      {name: a, format: csv, label: {column: y, positive: [p]}, dense: {n: {transform: log, missing: 0}},
       ids: {c: {vocabulary: 1}, d: {hash: 100}}}
      """
    let train = "y,n,c,d\np,0,a,u\nq,,b,v\n,3,a,w\nr,7,b,x\n".replacingOccurrences(of: "\n,3", with: "\nq,3")
    let summary = try conversion(schema, train: train, test: "y,n,c,d\np,1,z,u\nq,1,a,w\n").convert().summary
    let training = try #require(summary[.train])
    #expect((training.rows, training.positives, training.otherLabels) == (4, 1, 0))
    #expect(training.labels.map(\.text) == ["p", "q", "r"] && training.labels.map(\.rows) == [1, 2, 1])
    #expect(training.dense[0].least == 0 && training.dense[0].greatest == Float(log1p(7.0)))
    #expect(training.dense[0].missingShare == 0.25)
    #expect(abs(training.dense[0].mean - (log1p(3.0) + log1p(7.0)) / 4) < 1e-6)
    #expect(training.examples.count == 3)
    let example = training.examples[1]
    #expect(example.texts == ["q", "", "b", "v"] && example.label == 0 && example.dense == [0])
    #expect(example.ids == [[2], [Int(referenceHash("v") % 100)]])
    let test = try #require(summary[.test])
    #expect(test.fields == [.rows(1, of: 2), .ids(0, of: 2)])
  }

  /// Counted chunk by chunk, on any thread.
  @Test func workersCountTheSame() throws {
    let schema = """
      {name: a, format: csv, label: {column: y, positive: ["1"]}, dense: [n], ids: {c: {vocabulary: 2}, d: {hash: 5000}}}
      """
    let text = { (rows: Int, first: Int) in
      "y,n,c,d\n"
        + (0..<rows).map { "\($0 % 3),\($0 % 1000).5,w\(first + $0 * 7 % 90_001),d\(first + $0 % 3000)\n" }.joined()
    }
    var found: [String] = []
    for workers in 1...3 {
      var conversion = try conversion(schema, train: text(200_000, 0), test: text(90_000, 10))
      conversion.workers = workers
      let summary = try conversion.convert().summary
      found.append("\(summary.splits)")
      #expect(summary[.train]?.labels.map(\.rows).reduce(0, +) == 200_000)
      #expect(summary[.train]?.dense[0].least == 0.5 && summary[.train]?.dense[0].greatest == 999.5)
      #expect(abs((summary[.train]?.dense[0].mean ?? 0) - 500) < 1e-9)
    }
    #expect(found[0] == found[1] && found[1] == found[2])
  }

  /// Every fourth row lacks its value, in each of several chunks.
  @Test func missingValuesOfAllChunksAreCounted() throws {
    let schema = "{name: a, format: csv, label: y, dense: {n: {missing: 0}}, ids: {c: {hash: 9}}}"
    let text = "y,n,c\n" + (0..<200_000).map { "\($0 % 2),\($0 % 4 == 0 ? "" : "1.5"),w\($0 % 100)\n" }.joined()
    let summary = try conversion(schema, train: text).convert().summary
    #expect(summary[.train]?.dense[0].missingShare == 0.25)
    #expect(summary[.train]?.dense[0].mean == 1.125)
  }

  /// Three quarters are 0 and come first, the others are 4: over all chunks a mean of 1 and a variance of 3.
  @Test func standardScoresAreOfAllChunks() throws {
    let schema = "{name: a, format: csv, label: y, dense: {n: {standardize: true}}, ids: {c: {hash: 9}}}"
    let text = "y,n,c\n" + (0..<200_000).map { "\($0 % 2),\($0 < 150_000 ? 0 : 4).0,w\($0 % 100)\n" }.joined()
    let samples = try folder.samples(schema, text: text)
    #expect(abs(samples.dense[0][0] + Float(1 / 3.0.squareRoot())) < 1e-5)
    #expect(abs(samples.dense[199_999][0] - Float(3.0.squareRoot())) < 1e-5)
  }

  @Test func trainingStraightFromTextIsHeldToIt() throws {
    let schema = "{name: a, format: csv, label: y, ids: {c: {vocabulary: 1}}}"
    try folder.schema(schema)
    try FileManager.default.createDirectory(atPath: "\(folder.path)/in", withIntermediateDirectories: true)
    folder.write("in/train.csv", "y,c\n1,1\n0,2\n1,3\n")
    folder.write("in/test.csv", "y,c\n1,1.0\n0,2.0\n1,3.0\n")
    let configuration = DataConfiguration(path: "\(folder.path)/in", schema: "\(folder.path)/schema.yaml")
    #expect(
      try folder.error { try ClickText.open(configuration) }.hasPrefix(
        "schema.yaml: all of the texts of 'c' in the split test are unknown, such as '1.0'"))
    folder.write("in/test.csv", "y,c\n1,1.0\n0,2\n1,3.0\n")
    #expect(try ClickText.open(configuration).notices == ["unknown ids in the split test: c 66.7 %"])
    folder.write("in/train.csv", "y,c\n1,1\n1,2\n1,3\n")
    #expect(
      try folder.error { try ClickText.open(configuration) }.hasPrefix(
        "schema.yaml: all 3 labels of the split train are 1"))
  }

  @Test func textToEvaluateIsHeldToIt() throws {
    let schema = "{name: a, format: csv, label: y, ids: {c: {vocabulary: 1}}}"
    let fitted = try conversion(schema, train: "y,c\n1,1\n0,2\n").convert().schema
    func open(_ text: String) throws -> ClickTextDataset {
      folder.write("new.csv", text)
      return try ClickText.open(["\(folder.path)/new.csv"], schema: folder.schema(schema), fitted: fitted)
    }
    #expect(try folder.error { try open("y,c\n1,1.0\n0,2.0\n") }.hasPrefix("schema.yaml: all of the texts of 'c'"))
    #expect(
      try open("y,c\n1,1\n1,5\n").notices
        == ["unknown ids in these rows: c 50.0 %", "all 2 labels of these rows are 1"])
  }
}
