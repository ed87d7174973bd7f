import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

/// Columns whose text holds several values.
@Suite struct TextValuesTests {
  let folder = ScratchFolder()

  private static let schema = """
    name: films
    format: csv
    label: y
    split: {column: s, train: t, test: e}
    dense: [n]
    allow: {unknown: 1}
    ids:
      x: {integer: 3}
      genres: {vocabulary: 2, values: {separator: '|', atMost: 2, pooling: mean}}
      cast: {hash: 7, values: {separator: ';', atMost: 3, pooling: sum}}
    """

  /// Vocabulary: a and b. Of three genres the first two are kept.
  private static let text = """
    s,y,n,x,genres,cast
    t,1,1,0,a|b,p;q
    t,0,2,1,b,
    t,1,3,2,,p
    t,0,4,0,c|a|b,"p;q;r;s"
    e,1,5,1,||d|,r;;r
    """

  /// x has the rows 0 to 2; genres 3 for an unknown one, 4 for a, 5 for b and 6 for none; cast 7 to 13 and 14.
  private static func wanted(_ training: Bool) -> [[Int32]] {
    let cast = { (texts: String...) in
      (0..<3).map { $0 < texts.count ? 7 + Int32(referenceHash(texts[$0]) % 7) : 14 }
    }
    return training
      ? [
        [0, 4, 5] + cast("p", "q"), [1, 5, 6] + cast(), [2, 6, 6] + cast("p"), [0, 3, 4] + cast("p", "q", "r"),
      ] : [[1, 3, 6] + cast("r", "r")]
  }

  @Test func becomeIDsOfOneField() throws {
    folder.write("data.csv", Self.text)
    let outcome = try folder.conversion(Self.schema, "data.csv").convert()
    #expect(try folder.samples().ids == Self.wanted(true))
    #expect(try folder.samples(.test).ids == Self.wanted(false))
    let ids = outcome.schema.idFields
    #expect(ids.count == 3 && ids.columns == 6 && ids.rows == 15 && ids.cardinalities == [3, 4, 8])
    #expect(outcome.schema.layout.stride == 4 * 8)
    let columns = try #require(ids.pooling)
    #expect(columns.fields == [0, 1, 1, 2, 2, 2] && columns.absent == [-1, 6, 6, 14, 14, 14])
    #expect(columns.isMean == [false, true, true, false, false, false])
    // What is stored reads as what was written, and text as the binary form.
    let stored = try ClickDataset.open("\(folder.path)/converted", split: .train)
    #expect(stored.schema == outcome.schema && stored.idFields == ids)
    let text = try ClickText.open(
      DataConfiguration(path: "\(folder.path)/data.csv", schema: "\(folder.path)/schema.yaml"))
    #expect(
      try ClickSamples(text.training).ids == Self.wanted(true)
        && ClickSamples(text.validation).ids == Self.wanted(false))
    let rows = try ClickText.open(
      toScore: ["\(folder.path)/data.csv"], schema: folder.schema(Self.schema), fitted: outcome.schema)
    #expect(try ClickSamples(rows).ids == Self.wanted(true) + Self.wanted(false))
  }

  @Test func whatIsCutOffAndUnknownIsSaid() throws {
    folder.write("data.csv", Self.text)
    let summary = try folder.conversion(Self.schema, "data.csv").convert().summary
    #expect(
      summary.notices.contains(
        "'genres' holds more than 2 values in 1 of 4 rows of the split train: the first 2 are kept"),
      "\(summary.notices)")
    #expect(summary.notices.contains { $0.hasPrefix("'cast' holds more than 3 values in 1 of 4 rows") })
    #expect(summary[.train]?.fields[1] == .values(1, of: 5) && summary[.test]?.fields[1] == .values(1, of: 1))
    #expect(summary[.test]?.cut.isEmpty == true)
    let example = try #require(summary[.train]?.examples.first)
    #expect(example.texts == ["1", "1", "0", "a b", "p q"])
    #expect(example.ids[1] == [1, 2] && example.ids[2].count == 2)
  }

  @Test func blanksAndMissingTextsAreNoValues() throws {
    let schema = """
      {name: a, format: csv, label: y, trim: true, missing: [NA], ids: {g: {hash: 50, values: {separator: '|', atMost: 4, pooling: sum}}}}
      """
    let ids = try folder.samples(schema, text: "y,g\n1, a | b \n0,NA\n1,  | |\n").ids
    let (a, b) = (Int32(referenceHash("a") % 50), Int32(referenceHash("b") % 50))
    #expect(ids == [[a, b, 50, 50], [50, 50, 50, 50], [50, 50, 50, 50]])
  }

  @Test func eachValueIsChecked() throws {
    let schema =
      "{name: a, format: csv, label: y, ids: {g: {integer: 5, values: {separator: '|', atMost: 4, pooling: sum}}}}"
    #expect(try folder.samples(schema, text: "y,g\n1,0|4\n0,\n").ids == [[0, 4, 5, 5], [5, 5, 5, 5]])
    #expect(try folder.error(schema, text: "y,g\n1,0|5\n").contains("data.txt:2: 'g' is '5', not an id from 0 to 4"))
  }

  /// Quantiles and the order of files' columns know nothing of it.
  @Test func otherColumnsAndEncodingsWork() throws {
    let schema = """
      name: a
      format: csv
      label: y
      weight: w
      ids: {g: {quantiles: 2, values: {separator: ' ', atMost: 2, pooling: mean}}, h: {integer: 9}}
      """
    let samples = try folder.samples(schema, text: "h,w,g,y\n8,2,1 2,1\n7,1,3 4,0\n")
    #expect(samples.ids == [[0, 0, 12], [1, 1, 11]])
  }

  /// A cross beside a bag is of its own columns.
  @Test func crossesOfOtherColumnsWork() throws {
    let ids = "g: {integer: 5, values: {separator: ';', atMost: 2, pooling: sum}}"
    let schema =
      "{name: a, format: csv, label: y, weight: w, ids: {\(ids), h: {hash: 9}, i: {hash: 9}}, "
      + "crosses: [{columns: [h, i], hash: 50}]}"
    let samples = try folder.samples(schema, text: "w,i,y,g,h\n2,b,1,3;4;1,a\n1,d,0,,c\n")
    let hashed = { (text: String, buckets: UInt64) in Int32(referenceHash(text) % buckets) }
    #expect(
      samples.ids == [
        [3, 4, 6 + hashed("a", 9), 15 + hashed("b", 9), 24 + hashed("a\nb", 50)],
        [5, 5, 6 + hashed("c", 9), 15 + hashed("d", 9), 24 + hashed("c\nd", 50)],
      ])
  }

  @Test func wrongSections() throws {
    for (values, words) in [
      ("{separator: '||', atMost: 2, pooling: sum}", "separator is '||', but must be one character"),
      ("{separator: '|', atMost: 0, pooling: sum}", "atMost is 0"),
      ("{separator: '|', atMost: 2, pooling: max}", "pooling"), ("{separator: '|', atMost: 2}", "missing key"),
    ] {
      let schema = "{name: a, format: csv, label: y, ids: {g: {hash: 5, values: \(values)}}}"
      let error = try #require(throws: ConfigurationError.self) { try folder.schema(schema) }
      #expect(error.description.contains(words), "\(error)")
    }
    let values = "values: {separator: '|', atMost: 2, pooling: sum}"
    for schema in [
      "{name: a, format: csv, label: y, ids: {g: {\(values)}}}",
      "{name: a, format: csv, label: y, defaults: {ids: {hash: 5, \(values)}}, ids: [g]}",
      "{name: a, format: libffm, ids: {1: {hash: 5, \(values)}}}",
      "{name: a, format: csv, label: y, ids: {h: {hash: 5}, g: {hash: 5, \(values)}}, crosses: [{columns: [h, g], hash: 9}]}",
    ] {
      #expect(throws: ConfigurationError.self, "\(schema)") { try folder.schema(schema) }
    }
    let usual = try folder.schema("{name: a, format: csv, label: y, defaults: {ids: {hash: 5}}, ids: {g: {\(values)}}}")
    #expect(usual.ids[0].encoding == .hash(buckets: 5) && usual.ids[0].values?.atMost == 2)
  }
}
