import Configuration
import Datasets
import Files
import Foundation
import Testing

@Suite struct ClickConversionTests {
  let folder = ScratchFolder()

  static let small = "{name: a, format: csv, label: y, ids: {t: {vocabulary: 1}}}"

  /// "y,t", "1,a", "0,b" and, in a second stream or member, "1,a", "1,c" without a line break at the end.
  static let xz =
    "/Td6WFoAAATm1rRGAgAhAQwAAACPmEGcAQALeSx0CjEsYQowLGIKAANjojuBRxPuAAEkDKYY2NgftvN9AQAAAAAEWVr9N3pYWgAA"
    + "BObWtEYCACEBDAAAAI+YQZwBAAYxLGEKMSxjAADphQ5KowMqvgABHwcWLrhzH7bzfQEAAAAABFla"
  static let gzip =
    "H4sIAAAAAAACA6vUKeEy1EnkMtBJ4gIALaw8mgwAAAAfiwgAAAAAAAIDM9RJ5DLUSQYAp97a4AcAAAA="

  @Test(arguments: [xz, gzip]) func packedText(base64: String) throws {
    let packed = [UInt8](try #require(Data(base64Encoded: base64)))
    folder.write("data.csv", packed)
    let conversion = try folder.conversion(Self.small, "data.csv")
    _ = try conversion.convert()
    let samples = try folder.samples()
    #expect(samples.labels == [1, 0, 1, 1])
    #expect(samples.ids == [[1], [2], [1], [3]])

    let kind = base64 == Self.xz ? "xz" : "gzip"
    for size in [packed.count - 1, packed.count / 2 + 8, 20] {
      folder.write("data.csv", Array(packed[..<size]))
      let error = try folder.error { try conversion.convert() }
      #expect(
        error == "data.csv: the \(kind) data ends too early, at byte \(size) of the file: copy or download it again")
    }
    var damaged = packed
    damaged[30] ^= 0xFF
    folder.write("data.csv", damaged)
    #expect(try folder.error { try conversion.convert() }.hasPrefix("data.csv: the \(kind) data is corrupt ("))
    folder.write("data.csv", packed + [1, 2, 3, 4])
    #expect(throws: DatasetError.self) { try conversion.convert() }
    #expect(try folder.samples() == samples, "a failed conversion changed the target")
  }

  /// As tapes and object stores leave them: longer than what is read at once, too.
  @Test(arguments: [1, 511, 600_000]) func zerosBehindGzipArePadding(count: Int) throws {
    let packed = [UInt8](try #require(Data(base64Encoded: Self.gzip)))
    folder.write("data.csv", packed + [UInt8](repeating: 0, count: count))
    _ = try folder.conversion(Self.small, "data.csv").convert()
    #expect(try folder.samples().labels == [1, 0, 1, 1])
  }

  @Test(
    arguments: [
      ([0x28, 0xB5, 0x2F, 0xFD, 0x24], "Zstandard data", "zstd -dc FILE"),
      (Array("BZh91AY&SY".utf8), "bzip2 data", "bzip2 -dc FILE"),
      (Array("PK\u{3}\u{4}".utf8), "a zip archive", "unzip -p FILE"),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0], "a 7z archive", "7z x -so FILE"),
      (Array("PAR1\u{15}".utf8), "Parquet data", "duckdb -csv -c \"FROM 'FILE'\""),
      ([0xFF, 0xFE, 0x79, 0], "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"),
      ([0xFE, 0xFF, 0, 0x79], "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"),
    ] as [([UInt8], String, String)])
  func whatIsNoTextIsNamed(start: [UInt8], name: String, command: String) throws {
    folder.write("data.csv", start + [UInt8](repeating: 0x80, count: 100))
    #expect(
      try folder.error { try folder.conversion(Self.small, "data.csv").convert() }
        == "data.csv: this is \(name), which is not read: write the text that \(command) makes of it to a file, "
        + "or pipe it into lockstep convert -")
  }

  /// Letters of a signature alone may be a column's name.
  @Test(arguments: ["PAR1", "BZh", "BZh9", "PK"]) func whatBeginsLikeAFormMayBeText(column: String) throws {
    let schema = "{name: a, format: csv, label: \(column), ids: {t: {vocabulary: 1}}}"
    #expect(try folder.samples(schema, text: "\(column),t\n1,a\n0,b\n").labels == [1, 0])
  }

  @Test func vocabularyIsThatOfTheTrainingSplit() throws {
    let schema = """
      name: a
      format: csv
      label: y
      split: {column: s, train: [t], validation: v, test: [e, f]}
      ids: {x: {vocabulary: 2}}
      dense: {n: {standardize: true}}
      """
    folder.write(
      "data.txt", "s,y,x,n\nt,1,b,1\nv,1,c,100\nt,0,a,2\nt,0,b,3\nv,0,c,100\nt,1,once,6\nt,1,a,3\nf,1,b,3\ne,0,,1\n")
    let outcome = try folder.conversion(schema, "data.txt").convert()
    #expect(outcome.schema.fields[0].encoding == .vocabulary(minimumCount: 2, texts: ["a", "b"]))
    #expect(outcome.schema.dense[0].mean == 3)
    // ((2² + 1² + 0 + 3² + 0) ÷ 5)½
    #expect(abs(outcome.schema.dense[0].deviation - 2.8.squareRoot()) < 1e-15)
    #expect(outcome.splits.map(\.split) == [.train, .validation, .test])
    #expect(outcome.splits.map(\.rows) == [5, 2, 2])
    #expect(try folder.samples().ids == [[2], [1], [2], [0], [1]])
    #expect(try folder.samples(.validation).ids == [[0], [0]])
    #expect(try folder.samples(.test).ids == [[2], [0]])
    let values = try folder.samples().dense.map { $0[0] }
    #expect(zip(values, [-2, -1, 0, 3, 0]).allSatisfy { abs(Double($0) - $1 / 2.8.squareRoot()) < 1e-6 })
    folder.write("data.txt", "s,y,x,n\nt,1,b,1\nw,1,c,100\n")
    let conversion = try folder.conversion(schema, "data.txt")
    #expect(
      try folder.error { try conversion.convert() }.hasPrefix("data.txt:3: 's' is 'w', not one of t, v, e, f; mend"))
    var extra = conversion
    extra.test = ["\(folder.path)/data.txt"]
    #expect(try folder.error { try extra.convert() }.hasPrefix("data.txt: the schema has a split column"))
  }

  @Test func textThatNoVocabularyCanKeep() throws {
    folder.write("data.txt", Array("y,t\n1,".utf8) + [0xFF, 0x0A])
    let conversion = try folder.conversion(Self.small, "data.txt")
    #expect(
      try folder.error { try conversion.convert() }
        == "the column 't' holds text that is not UTF-8, which a vocabulary cannot keep: use hash for it")
  }

  @Test func anotherDayUsesTheFirstDaysVocabulary() throws {
    folder.write("one.txt", "y,t\n1,a\n0,b\n")
    folder.write("two.txt", "y,t\n1,c\n0,b\n")
    let first = try folder.conversion(Self.small, "one.txt", target: "first").convert()
    var conversion = try folder.conversion(Self.small, "two.txt", target: "second")
    conversion.like = "\(folder.path)/first"
    #expect(try conversion.convert().schema == first.schema)
    #expect(try folder.samples(of: "second").ids == [[0], [2]])
    conversion.schema = try folder.schema(Self.small.replacingOccurrences(of: "vocabulary: 1", with: "hash: 3"))
    #expect(
      try folder.error { try conversion.convert() }
        == "schema.yaml: the column 't' is not as in first: give the schema file that it was converted with")
  }

  /// Where ids need no learning, an old test split fits a new training split by its schema alone.
  @Test func splitsThatANewConversionDoesNotWriteAreGone() throws {
    let hashed = "{name: a, format: csv, label: y, ids: {t: {hash: 9}}}"
    folder.write("one.txt", "y,t\n1,a\n0,b\n")
    folder.write("two.txt", "y,t\n0,c\n")
    var conversion = try folder.conversion(hashed, "one.txt")
    conversion.validation = ["\(folder.path)/two.txt"]
    conversion.test = ["\(folder.path)/two.txt"]
    _ = try conversion.convert()
    let target = "\(folder.path)/converted"
    folder.write("converted/notes.txt", "mine")
    #expect(try ClickDataset.splits(in: target) == [.train, .validation, .test])
    conversion = try folder.conversion(hashed, "two.txt")
    conversion.validation = ["\(folder.path)/one.txt"]
    _ = try conversion.convert()
    #expect(try ClickDataset.splits(in: target) == [.train, .validation])
    #expect(try DatasetPair.open(DataConfiguration(path: target)).validation.count == 2)
    let generator = ClickGenerator(rows: 50, testRows: 20, cardinalities: [9], dense: 0)
    _ = try generator.write(to: target, workers: 1)
    #expect(try ClickDataset.splits(in: target) == [.train, .test])
    #expect(try DatasetPair.open(DataConfiguration(path: target)).validation.count == 20)
    #expect(FileManager.default.fileExists(atPath: "\(target)/notes.txt"), "a file that is not ours was removed")
  }

  /// The planted model of generated rows says nothing of those that replace them.
  @Test func thePlantedModelGoesWithItsRows() throws {
    let target = "\(folder.path)/converted"
    var generator = ClickGenerator(rows: 50, testRows: 20, cardinalities: [9], dense: 0)
    let quality = try #require(try generator.write(to: target, workers: 1))
    #expect(try ClickPlantedQuality.read(from: target) == quality)
    folder.write("one.txt", "y,t\n1,a\n2,b\n")
    var conversion = try folder.conversion(Self.small, "one.txt")
    #expect(throws: DatasetError.self) { try conversion.convert() }
    #expect(try ClickPlantedQuality.read(from: target) == quality, "a failed conversion changed the target")
    conversion.badLines = 1
    _ = try conversion.convert()
    #expect(try ClickPlantedQuality.read(from: target) == nil)
    // Generated rows without a quality of their own do not keep an older one's either.
    _ = try generator.write(to: target, workers: 1)
    generator.testRows = 1
    #expect(try generator.write(to: target, workers: 1) == nil)
    #expect(try ClickPlantedQuality.read(from: target) == nil)
    // A file that cannot be removed stops the conversion before a row is replaced.
    let before = try folder.shards(of: "converted")
    try FileManager.default.createDirectory(atPath: "\(target)/planted.json", withIntermediateDirectories: false)
    let error = try #require(throws: FileError.self) { try conversion.convert() }
    #expect(error.description.hasPrefix("cannot remove \(target)/planted.json: "))
    try FileManager.default.removeItem(atPath: "\(target)/planted.json")
    #expect(try folder.shards(of: "converted") == before)
  }

  @Test func fileAfterFileAsOneAndTheSplitsOfFiles() throws {
    folder.write("one.txt", "y,t\n1,a\n")
    folder.write("two.txt", "unused,t,y\n,b,0")
    folder.write("more.txt", "t,y\nc,1\na,1\n")
    var conversion = try folder.conversion(Self.small, "one.txt", "two.txt")
    conversion.validation = ["\(folder.path)/more.txt"]
    conversion.test = ["\(folder.path)/one.txt"]
    let outcome = try conversion.convert()
    #expect(outcome.splits.map(\.rows) == [2, 2, 1])
    #expect(outcome.splits.map(\.positives) == [1, 2, 1])
    #expect(try folder.samples().ids == [[1], [2]])
    #expect(try folder.samples(.validation).ids == [[0], [1]])
  }

  /// Several chunks of a mebibyte; a malformed line in the fourth.
  @Test func workersDoNotChangeABit() throws {
    var generator = SplitMix(state: 5)
    var text = "y,s,n,t,u\n"
    var lines = 1
    var badLine = 0
    while text.utf8.count < 5 << 20 {
      let number = generator.next()
      text +=
        "\(number & 1),\(number % 7 == 0 ? "v" : "t"),\(Double(number % 1000) / 7),\(number % 3001),word \(number % 91)\n"
      lines += 1
      if badLine == 0, text.utf8.count > 7 << 19 {
        text += "1,t,3\n"
        lines += 1
        badLine = lines
      }
    }
    folder.write("data.txt", text)
    let schema = """
      {name: a, format: csv, label: y, split: {column: s, train: t, validation: v}, dense: {n: {standardize: true}},
       ids: {t: {vocabulary: 3}, n: {quantiles: 20}, u: {vocabulary: 1}}}
      """
    for workers in 1...3 {
      var conversion = try folder.conversion(schema, "data.txt", target: "by \(workers)")
      conversion.workers = workers
      #expect(
        try folder.error { try conversion.convert() }
          == "data.txt:\(badLine): the line has 3 fields instead of 5; mend the text, or let more lines be left out with "
          + "--bad-lines")
      conversion.badLines = 1
      conversion.rowsPerShard = 100_000
      #expect(try conversion.convert().splits.map(\.rows).reduce(0, +) == lines - 2)
    }
    let first = try folder.shards(of: "by 1")
    #expect(first.count >= 3)
    #expect(try folder.shards(of: "by 2") == first)
    #expect(try folder.shards(of: "by 3") == first)
  }

  @Test func tooManyMalformedLines() throws {
    folder.write("data.txt", "y,t\n1,a\n2,a\n3,a\n4,a\n")
    var conversion = try folder.conversion(Self.small, "data.txt")
    conversion.badLines = 2
    #expect(
      try folder.error { try conversion.convert() }
        == "data.txt:5: the label is '4', not 0 or 1; more than 2 malformed lines: mend the text, or let more lines be left "
        + "out with --bad-lines")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/converted/train-0-of-1.lockstep"))
    conversion.badLines = 3
    #expect(try conversion.convert().badLineCount == 3)
  }

  @Test func longLinesAreReadWhole() throws {
    let long = String(repeating: "x", count: 3 << 20)
    let schema = Self.small.replacingOccurrences(of: "vocabulary: 1", with: "hash: 1000")
    let samples = try folder.samples(schema, text: "y,t\n1,a\n0,\(long)\n1,\"\(long)\"\"\"\n1,b")
    let texts = ["a", long, long + "\"", "b"]
    #expect(samples.ids == texts.map { [Int32(referenceHash($0) % 1000)] })
  }

  /// Against a parser of a few lines over strings.
  @Test(arguments: [UInt64(1), 2, 3]) func slowParserAgrees(seed: UInt64) throws {
    var generator = SplitMix(state: seed)
    let rows = (0..<2000).map { _ in RandomRow(&generator) }
    let schema = """
      {name: a, format: csv, label: y, dense: {n: , m: {transform: log}},
       ids: {t: {hash: 1009}, u: {vocabulary: 2}, k: {integer: 100}}}
      """
    let samples = try folder.samples(
      schema, text: "t,n,k,y,u,m\n" + rows.map { $0.line(&generator) }.joined())
    #expect(samples.labels == rows.map(\.label))
    #expect(samples.dense.map { $0[0] } == rows.map { Float(strtod($0.number, nil)) })
    let logarithm = { (text: String) in
      let value = strtod(text, nil)
      return Float(value < 0 ? -log1p(-value) : log1p(value))
    }
    #expect(samples.dense.map { $0[1] } == rows.map { logarithm($0.other) })
    let counts = Dictionary(grouping: rows.map(\.word)) { $0 }.mapValues(\.count)
    let words = counts.filter { $0.value >= 2 }.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    let expected = rows.map { row in
      [
        Int32(referenceHash(row.text) % 1009), 1009 + Int32((words.firstIndex(of: row.word) ?? -1) + 1),
        Int32(1009 + words.count + 1 + row.id),
      ]
    }
    #expect(samples.ids == expected)
  }
}

/// A row's values, and a text that means them.
private struct RandomRow {
  var label: Int32
  var number: String
  var other: String
  var text: String
  var word: String
  var id: Int

  init(_ generator: inout SplitMix) {
    label = Int32(generator.next() & 1)
    number = Self.number(&generator)
    other = Self.number(&generator)
    let alphabet = Array("ab,\"é ;0")
    text = String((0..<generator.below(12)).map { _ in alphabet[generator.below(alphabet.count)] })
    word = "w\(generator.below(900))"
    id = generator.below(100)
  }

  private static func number(_ generator: inout SplitMix) -> String {
    let digits = (0...generator.below(22)).map { _ in "\(generator.below(10))" }.joined()
    let point = generator.below(3) == 0 ? "" : ".\(generator.next() >> 30)"
    let exponent = generator.below(4) == 0 ? "e\(generator.below(2) == 0 ? "-" : "")\(generator.below(9))" : ""
    return ["", "-", "+"][generator.below(3)] + digits + point + exponent
  }

  func line(_ generator: inout SplitMix) -> String {
    let mustQuote = text.contains(",") || text.hasPrefix("\"")
    let quoted = "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    let shown = mustQuote || generator.below(2) == 0 ? quoted : text
    let end = generator.below(2) == 0 ? "\n" : "\r\n"
    return "\(shown),\(number),\(generator.below(2) == 0 ? "0" : "")\(id),\(label),\(word),\(other)\(end)"
  }
}

/// Steele, Lea and Flood 2014.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
