import Configuration
import Datasets
import Foundation
import Testing

/// Lines that look like rows and are none: headers, and what follows an open quote.
@Suite struct TextHeaderTests {
  let folder = ScratchFolder()
  /// Any text is a label, any text an id: nothing of a header is malformed.
  static let lenient =
    "{name: a, format: csv, columns: [y, x, c], label: {column: y, positive: [\"1\"]}, ids: {c: {hash: 9}}}"
  static let remedy =
    "the line holds the names of the columns, which are no row: remove it, or, if every file begins with it, the schema's "
    + "'columns'; mend the text, or let more lines be left out with --bad-lines"

  @Test(arguments: [
    ("y,x,c\n1,2,a\n0,3,b\n", 1), ("1,2,a\n0,3,b\ny,x,c\n1,2,a\n", 3),
    ("1,2,a\n0,3,b\n\u{FEFF}\"Y\",X,C\r\n1,2,a\n", 3),
    ("1,2,a\nc,y,x\n", 2),
  ])
  func headerWhereNoneShouldBe(text: String, line: Int) throws {
    #expect(try folder.error(Self.lenient, text: text) == "data.txt:\(line): \(Self.remedy)")
    var conversion = try folder.conversion(Self.lenient, "data.txt")
    conversion.badLines = 1
    let outcome = try conversion.convert()
    #expect(outcome.badLineCount == 1)
    #expect(outcome.splits[0].rows == text.split(whereSeparator: \.isNewline).count - 1)
  }

  /// The second file's header may have the columns in another order, and lie in another chunk.
  @Test(arguments: ["y,x,c", "x,c,y", "x,y,unused"]) func headersOfFilesPutTogether(header: String) throws {
    let schema = "{name: a, format: csv, label: {column: y, positive: [yes]}, ids: {c: {vocabulary: 1}}}"
    let rows = (0..<300_000).map { "\($0 % 3 == 0 ? "yes" : "no"),1,w\($0 % 7)\n" }.joined()
    let first = header.hasSuffix("unused") ? rows.replacingOccurrences(of: "\n", with: ",0\n") : rows
    let names = header.hasSuffix("unused") ? "y,x,c,unused" : "y,x,c"
    let second = header.hasSuffix("unused") ? "unused,x,c,y" : header
    #expect(
      try folder.error(schema, text: "\(names)\n\(first)\(second)\n")
        == "data.txt:300002: the line holds the names of the columns once more; mend the text, or let more lines be left out "
        + "with --bad-lines")
  }

  @Test(arguments: ["y, c", " y ,c "]) func namesWithBlanksNeedTrim(header: String) throws {
    let schema = { (more: String) in "{name: a, format: csv, \(more)label: y, ids: {c: {hash: 9}}}" }
    let text = "\(header)\n1, a\n0, b\n"
    #expect(
      try folder.error(schema(""), text: text).hasSuffix(
        "(there is one with blanks around it: say trim: true)"))
    #expect(try folder.samples(schema("trim: true, "), text: text).labels == [1, 0])
  }

  @Test func headersInCriteosForm() throws {
    let line = (["1"] + (1...39).map { "\($0)" }).joined(separator: "\t")
    let header = (["label"] + (1...13).map { "I\($0)" } + (1...26).map { "C\($0)" }).joined(separator: "\t")
    let schema = "{name: c, format: criteo, label: {positive: [\"1\"]}, dense: {I1: }}"
    #expect(
      try folder.error(schema, text: "\(line)\n\(header)\n").hasPrefix(
        "data.txt:2: the line holds the names of the columns"))
  }

  @Test func rowsThatOnlyResembleNames() throws {
    // The label says that it is a row; or only some of the texts are names.
    let digits =
      "{name: a, format: csv, columns: [\"1\", c], label: {column: \"1\", positive: [\"1\"]}, ids: {c: {hash: 9}}}"
    #expect(try folder.samples(digits, text: "1,c\n0,c\n").labels == [1, 0])
    #expect(try folder.samples(Self.lenient, text: "1,x,c\ny,2,b\n0,y,c\n").labels == [1, 0, 0])
  }

  @Test func headerAmongRowsToScore() throws {
    let fitted = ClickSchema(try folder.schema(Self.lenient))
    let file = try folder.schema(Self.lenient)
    for (text, unlabelled) in [("1,2,a\ny,x,c\n", false), ("2,a\nx,c\n", true)] {
      folder.write("new.txt", text)
      let rows = try ClickText.open(
        toScore: ["\(folder.path)/new.txt"], schema: file, fitted: fitted, labels: unlabelled ? .absent : .ignored)
      // Without a label, one column's name may be a text of it.
      if unlabelled {
        #expect(try ClickSamples(rows).ids.count == 2)
      } else {
        #expect(
          try folder.error { try ClickSamples(rows) }.hasPrefix("new.txt:2: the line holds the names of the columns"))
      }
    }
  }

  /// Wherever a quote may be open, the next line is no row, whatever it looks like.
  @Test(arguments: [
    "1,2,\"a\n1,9,9\n", "1,2,\"a\n1,9,\"9\"\n", "1,\"2\"b,\"a\n1,9,9\n", "1,\"2\"b\"c,\"a\n1,9,9\n",
    "1,\"2\"\"\n1,9,9\n",
    "1,\"2\" \"b,a\n1,9,9\n",
  ])
  func openQuotesEndAFile(text: String) throws {
    let schema = "{name: a, format: csv, label: y, dense: [x], ids: {c: {hash: 9}}}"
    folder.write("data.txt", "y,x,c\n0,1,1\n" + text + "0,1,1\n")
    var conversion = try folder.conversion(schema, "data.txt")
    for lines in [0, 5] {
      conversion.badLines = lines
      #expect(
        try folder.error { try conversion.convert() }
          == "data.txt:3: a quote is open at the end of the line, so where the next row begins is not known: quoted text must "
          + "end on its own line")
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/converted/train-00000-of-00001.lockstep"))
  }

  @Test func faultsInClosedQuotesAreCounted() throws {
    let schema = "{name: a, format: csv, label: y, dense: [x], ids: {c: {hash: 9}}}"
    folder.write("data.txt", "y,x,c\n0,1,1\n1,2,\"he said \"hi\"\"\n1,9,5\"\n2,\"1\",\"c\"\n")
    var conversion = try folder.conversion(schema, "data.txt")
    conversion.badLines = 5
    let outcome = try conversion.convert()
    #expect(outcome.badLineCount == 2 && outcome.splits[0].rows == 2)
    #expect(try folder.samples().dense == [[1], [9]])
  }

  @Test func openQuoteInAHeader() throws {
    #expect(
      try folder.error("{name: a, format: csv, label: y, ids: {c: {hash: 9}}}", text: "y,\"x,c\n1,2,3\n")
        == "data.txt: a quote is open at the end of the line with the column names: close it")
  }
}
