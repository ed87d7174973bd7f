import Buffers
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct TextFormatTests {
  let folder = ScratchFolder()

  @Test func csvWithQuotesAndCarriageReturns() throws {
    let schema = """
      name: people
      format: csv
      label: clicked
      dense: {age: {missing: 7}, height: {transform: log}}
      ids: {city: {vocabulary: 1}, day: {integer: 7}, age: {buckets: [18, 30]}}
      """
    let samples = try folder.samples(
      schema,
      text: "\u{FEFF}day,\"age\",unused,city,height,clicked\r\n"
        + "0,18,x,\"Rome, Italy\",0,1\r\n\r\n6,29.5,\"say \"\"hi\"\"\",\"the \"\"big\"\" one\",-1,0\n"
        + "3,30,,Rome,1.5e0,\"1\"")
    #expect(samples.labels == [1, 0, 1])
    #expect(samples.dense == [[18, 0], [29.5, -Float(log1p(1.0))], [30, Float(log1p(1.5))]])
    // city: 0 unknown, 1 Rome, 2 "Rome, Italy", 3 the "big" one; day from 4; age from 11.
    #expect(samples.ids == [[2, 4, 12], [3, 10, 12], [1, 7, 13]])
  }

  @Test func missingDenseValueGetsItsSubstituteBeforeTheTransform() throws {
    let schema = "{name: a, format: csv, label: y, dense: {x: {transform: log, missing: 3}, z: }}"
    let samples = try folder.samples(schema, text: "y,x,z\n1,,\n0,3,2\n")
    #expect(samples.dense == [[Float(log1p(3.0)), 0], [Float(log1p(3.0)), 2]])
    #expect(samples.ids == [[], []])
  }

  @Test func emptyTextHasTheLastBucket() throws {
    let schema = "{name: a, format: csv, label: y, ids: {x: {buckets: [1, 2.5]}, z: {integer: 4}}}"
    let samples = try folder.samples(schema, text: "y,x,z\n1,,0\n0,0.5,1\n0,1,2\n0,2.5,3\n1,-4,3\n")
    // x: below 1, from 1, from 2.5, empty; z from 4.
    #expect(samples.ids == [[3, 4], [0, 5], [1, 6], [2, 7], [0, 7]])
  }

  @Test func otherSeparatorsCommentsAndBlanks() throws {
    let schema = """
      {name: a, format: csv, separator: ";", trim: true, comment: "#", columns: [x, y], label: {column: y, positive: [yes]},
       ids: {x: {integer: 5}}}
      """
    let samples = try folder.samples(schema, text: "# no row\n 3 ;  yes \n4;no\n#\n\n \"2\" ;yes\n")
    #expect(samples.labels == [1, 0, 1])
    #expect(samples.ids == [[3], [4], [2]])
    let tabs = "{name: a, format: csv, separator: tab, label: y, ids: {x: {integer: 5}}}"
    #expect(try folder.samples(tabs, text: "x\ty\n3\t1\n").ids == [[3]])
  }

  @Test(arguments: ["||", "::", "\t|", " | ", "¦", "<=>", "|~|"])
  func separatorsOfSeveralCharacters(separator: String) throws {
    let schema = { (separator: String, more: String) in
      """
      {name: a, format: csv, separator: "\(separator)", \(more)label: y, dense: [x], ids: {c: {vocabulary: 1}, d: {hash: 50}}}
      """
    }
    let text = { (separator: String) in
      """
      y,x,c,d
      1,2.5,one ~ two,a:b
      0,,"quo""ted",
      1,-1,,"long"

      """.replacingOccurrences(of: ",", with: separator)
    }
    let expected = try folder.samples(schema(",", ""), text: text(","))
    #expect(expected.dense == [[2.5], [0], [-1]])
    #expect(try folder.samples(schema(separator, ""), text: text(separator)) == expected)
    #expect(try folder.samples(schema(separator, "trim: true, "), text: text(separator)) == expected)
    #expect(
      try folder.error(
        schema(separator, ""), text: "y,x,c,d\n1,2,3,4\n".replacingOccurrences(of: ",", with: separator) + "1,2"
      )
      .hasPrefix("data.txt:3: the line has 1 field instead of 4"))
  }

  /// A separator within quotes is text, and half of one too.
  @Test func partsOfSeparatorsAreText() throws {
    let schema =
      "{name: a, format: csv, separator: '||', columns: [y, c, d], label: y, ids: {c: {hash: 90}, d: {hash: 90}}}"
    let samples = try folder.samples(schema, text: "1||a|b||\"c||d\"\n0||e||f|\n1||||\"g\"\n")
    let ids = [["a|b", "c||d"], ["e", "f|"], ["", "g"]].map { texts in
      zip([0, 90], texts).map { Int32($0) + Int32(referenceHash($1) % 90) }
    }
    #expect(samples.ids == ids)
    #expect(try folder.error(schema, text: "1||\"a\"|b||c\n").hasPrefix("data.txt:1: text follows the closing quote"))
  }

  @Test(arguments: [
    ("''", "separator is empty: give what stands between two fields, such as ';' or '||', or tab"),
    ("'\"'", "separator is '\"', but must be one character or a few, none of them a quote or a line break, or tab"),
    (
      "123456789",
      "separator is '123456789', but must be one character or a few, none of them a quote or a line break, or tab"
    ),
    ("'\\t|'", "separator is '\\t|': write a tab within it in double quotes, \"\\t|\""),
  ])
  func separatorsThatAreNone(text: String, problem: String) throws {
    let error = try #require(throws: ConfigurationError.self) {
      try folder.schema("{name: a, format: csv, separator: \(text), label: y, ids: {c: {hash: 90}}}")
    }
    #expect(error.description.hasSuffix("schema.yaml:1: \(problem)"))
  }

  @Test func criteo() throws {
    let integers = (1...13).map { $0 == 2 ? "" : "\($0 - 3)" }
    let ids = (0..<26).map { $0 == 5 ? "" : String(format: "%08x", $0 * 77_777_777) }
    let line = (["1"] + integers + ids).joined(separator: "\t")
    let samples = try folder.samples("{name: c, format: criteo}", text: line + "\n")
    #expect(samples.labels == [1])
    let values = (1...13).map { $0 == 2 ? 0.0 : Double($0 - 3) }
    #expect(samples.dense == [values.map { Float($0 < 0 ? -log1p(-$0) : log1p($0)) }])
    let expected = ids.enumerated().map { Int32($0.offset * 100_000) + Int32(referenceHash($0.element) % 100_000) }
    #expect(samples.ids == [expected])
    let changed = try folder.samples(
      "{name: c, format: criteo, defaults: {ids: {vocabulary: 1}}, ids: {C2: {hash: 9}}, dense: {I1: {transform: none}}}",
      text: line + "\n")
    #expect(changed.dense[0][0] == -2)
    #expect(Array(changed.ids[0][..<3]) == [1, 2 + Int32(referenceHash(ids[1]) % 9), 12])
  }

  @Test func libsvmFieldsAreRangesOfIndices() throws {
    let schema = "{name: s, format: libsvm, ids: [1-3, 4-8, 20], dense: {9: {missing: -1}, 10: }}"
    let samples = try folder.samples(schema, text: "1 2:1 8:1 9:0.5 99:7\n0 20:1.0 4:1\n1\n")
    #expect(samples.labels == [1, 0, 1])
    // 1-3 from 0 (0 for none), 4-8 from 4, 20 from 10.
    #expect(samples.ids == [[2, 9, 10], [0, 5, 11], [0, 4, 10]])
    #expect(samples.dense == [[0.5, 0], [-1, 0], [-1, 0]])
  }

  @Test func libffmFieldsHaveOneIndexEach() throws {
    let schema = """
      {name: f, format: libffm, label: {positive: ["1", "+1"]}, ids: {0: {vocabulary: 1}, 2: {hash: 50}}, dense: [1]}
      """
    let samples = try folder.samples(schema, text: "+1 0:77:1 1:5:-2.5 2:9:1\n-1 2:10:1 7:1:3\n")
    #expect(samples.labels == [1, 0])
    #expect(samples.dense == [[-2.5], [0]])
    // Field 0's texts are "" (none) and 77.
    #expect(samples.ids == [[2, 3 + Int32(referenceHash("9") % 50)], [1, 3 + Int32(referenceHash("10") % 50)]])
  }

  @Test(arguments: [
    ("1,2", "the line has 2 fields instead of 5"), ("1,2,3,4,5,6", "the line has 6 fields instead of 5"),
    ("2,1,1,1,1", "the label is '2', not 0 or 1"), (",1,1,1,1", "the label is '', not 0 or 1"),
    (
      "-1,1,1,1,1",
      "the label is '-1', not 0 or 1: let the schema's label name the texts that are 1, {positive: ['1', '+1']}"
    ),
    ("1,abc,1,1,1", "'x' is 'abc', not a number"), ("1,nan,1,1,1", "'x' is 'nan', not a number"),
    ("1,0x10,1,1,1", "'x' is '0x10', not a number"),
    ("1,1e999,1,1,1", "'x' is '1e999', too large for a number of 32 bits"),
    ("1,1e60,1,1,1", "'x' is '1e60', too large for a number of 32 bits"),
    ("1,e9,1,1,1", "'x' is 'e9', not a number"), ("1,1e,1,1,1", "'x' is '1e', not a number"),
    ("1,1,24,1,1", "'hour' is '24', not an id from 0 to 23"), ("1,1,-1,1,1", "'hour' is '-1', not an id from 0 to 23"),
    ("1,1,99999999999999999999,1,1", "'hour' is '99999999999999999999', not an id from 0 to 23"),
    ("1,1,,1,1", "'hour' is empty, but an id is needed"),
    ("1,1,1,?,1", "'age' is '?', not a number, so it lies in no bucket"),
    ("1,\"1\"2,1,1,1", "text follows the closing quote of field 2"),
  ])
  func malformedLine(line: String, reason: String) throws {
    let schema =
      "{name: a, format: csv, label: y, dense: [x], ids: {hour: {integer: 24}, age: {buckets: [18]}, t: {hash: 9}}}"
    let text = "y,x,hour,age,t\n1,1,1,1,a\n\(line)\n0,2,2,2,b\n"
    #expect(
      try folder.error(schema, text: text)
        == "data.txt:3: \(reason); mend the text, or let more lines be left out with --bad-lines")
    var conversion = try folder.conversion(schema, "data.txt")
    conversion.badLines = 1
    let outcome = try conversion.convert()
    #expect(outcome.badLineCount == 1 && outcome.splits.map(\.rows) == [2])
    #expect(outcome.badLines == ["\(folder.path)/data.txt:3: \(reason)"])
  }

  @Test func textsThatMeanNoneAreAsEmptyOnes() throws {
    let schema = { (missing: String) in
      "{name: a, format: csv, \(missing)label: y, dense: {x: {missing: 7}}, ids: {c: {vocabulary: 1}, n: {buckets: [5]}}}"
    }
    let rows = "1,NA,NA,nan\n0,2,\\N,9\n1,\\N,nan,NA\n0,,b,\n"
    let emptied = rows.split(separator: "\n").map { row in
      row.split(separator: ",", omittingEmptySubsequences: false)
        .map { ["NA", "nan", "\\N"].contains($0) ? "" : $0 }.joined(separator: ",")
    }
    let samples = try folder.samples(schema("missing: [NA, '\\N', nan], "), text: "y,x,c,n\n\(rows)")
    #expect(samples == (try folder.samples(schema(""), text: "y,x,c,n\n\(emptied.joined(separator: "\n"))\n")))
    #expect(samples.dense == [[7], [2], [7], [7]])
    // A label is never missing.
    #expect(
      try folder.error(schema("missing: NA, "), text: "y,x,c,n\nNA,1,b,2\n").hasPrefix(
        "data.txt:2: the label is 'NA', not 0 or 1"))
  }

  /// A schema, and an id and a value as its format writes them.
  private func features(_ format: String) -> (schema: String, id: String, value: String) {
    let isPairs = format == "libsvm"
    let schema = "{name: a, format: \(format), ids: \(isPairs ? "[1-3]" : "{0: {hash: 10}}"), dense: [5]}"
    return isPairs ? (schema, "2:1", "5:0.5") : (schema, "0:2:1", "5:5:0.5")
  }

  /// As svmlight has them: after a row, or a line of its own.
  @Test(arguments: ["libsvm", "libffm"])
  func whatFollowsANumberSignIsAComment(format: String) throws {
    let (schema, id, value) = features(format)
    let plain = try folder.samples(schema, text: "1 \(id) \(value)\n0 \(id)\n")
    let commented = try folder.samples(
      schema, text: "# rows of 2014: a test\n1 \(id) \(value) # 9:1 first\n0 \(id)#5:1\n#\n")
    #expect(commented.labels == [1, 0] && commented.dense == [[0.5], [0]])
    #expect(commented.ids == plain.ids && commented.dense == plain.dense)
  }

  /// Of data for ranking: the query is no feature, and it is said.
  @Test(arguments: ["libsvm", "libffm"])
  func queriesAreLeftOut(format: String) throws {
    let (schema, id, value) = features(format)
    let plain = try folder.samples(schema, text: "1 \(id) \(value)\n0 \(id)\n1\n")
    folder.write("data.txt", "1 qid:10 \(id) \(value)\n0 \(id) qid:x9 # qid:3\n1\n")
    let outcome = try folder.conversion(schema, "data.txt").convert()
    #expect(try folder.samples() == plain)
    #expect(outcome.summary.queryRows == 2)
    #expect(outcome.summary.notices.last == "2 rows hold a 'qid:', the query of data for ranking, which is left out")
    let looked = try ClickText.summary(of: "\(folder.path)/data.txt", schema: folder.schema(schema))
    #expect(looked.queryRows == 2)
    folder.write("data.txt", "1 \(id)\n0\n")
    #expect(try folder.conversion(schema, "data.txt").convert().summary.notices.allSatisfy { !$0.contains("qid") })
  }

  @Test(arguments: [
    ("libsvm", "1 5", "'5' is not of the form index:value"), ("libsvm", "1 5:", "'5:' is not of the form index:value"),
    ("libsvm", "1 1:1:1", "'1:1:1' is not of the form index:value"),
    ("libsvm", "1 a:1", "'a:1' does not begin with a whole number"),
    ("libsvm", "1 1:2", "'1:2' has a value other than 1, but '1-3' is an id"),
    ("libsvm", "1 1:1 3:1", "there are two values of '1-3', but a field has one id"),
    ("libsvm", "1 5:x", "'5' is 'x', not a number"),
    ("libsvm", "5:1", "the line begins with '5:1', where its label should stand"),
    ("libffm", "1 5:1", "'5:1' is not of the form field:index:value"),
    ("libffm", "1 0:1:0.5", "'0:1:0.5' has a value other than 1, but '0' is an id"),
    ("libffm", "1 0:1:1 0:2:1", "there are two values of '0', but a field has one id"),
  ])
  func malformedFeatures(format: String, line: String, reason: String) throws {
    let ids = format == "libsvm" ? "[1-3]" : "{0: {hash: 10}}"
    let schema = "{name: a, format: \(format), ids: \(ids), dense: [5]}"
    #expect(
      try folder.error(schema, text: "\(line)\n")
        == "data.txt:1: \(reason); mend the text, or let more lines be left out with --bad-lines")
  }

  @Test func wholeFilesThatCannotBe() throws {
    let schema = "{name: a, format: csv, label: y, ids: {hour: {integer: 24}}}"
    #expect(try folder.error(schema, text: "") == "data.txt: the file is empty")
    #expect(try folder.error(schema, text: "y,hour\n\n") == "data.txt: the file holds no rows")
    #expect(
      try folder.error(schema, text: "y,hours\n1,1\n")
        == "schema.yaml:1: data.txt has no column 'hour' (did you mean 'hours'?)")
    #expect(
      try folder.error(schema, text: "y,hour,hour\n1,1,1\n")
        == "data.txt: two columns are named 'hour': which one is meant is not clear; rename one")
    #expect(try folder.error("{name: c, format: criteo}", text: "") == "data.txt: the file is empty")
    let none = try folder.conversion(schema, "none.txt")
    #expect(try folder.error { try none.convert() } == "none.txt: there is no such file")
  }
}

/// FNV-1a and fmix64, from their definitions.
func referenceHash(_ text: String) -> UInt64 {
  var hash: UInt64 = 14_695_981_039_346_656_037
  for byte in text.utf8 {
    hash ^= UInt64(byte)
    hash &*= 1_099_511_628_211
  }
  for factor: UInt64 in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53, 1] {
    hash ^= hash >> 33
    hash &*= factor
  }
  return hash
}
