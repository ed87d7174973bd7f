import Configuration
import Datasets
import Foundation
import Testing

@Suite struct VocabularyTests {
  let folder = ScratchFolder()

  /// Texts that differ in length, in the last byte, behind the eighth, and that JSON must escape or need not.
  static let texts: [String] = {
    var texts = ["", "\0", "\0\0", "a", "a\0", "b", "é", "日本語", "\u{2028}", "\u{7F}", "\\", "\\\\", "/", "<", "🙂🙂🙂"]
    texts += (1...31).compactMap { $0 == 10 ? nil : "x\(UnicodeScalar(UInt8($0)))x" }
    for count in 1...40 {
      let text = String(repeating: "abcdefgh", count: 5).prefix(count)
      texts += ["\(text)", "\(text.dropLast())~", "~\(text.dropFirst())"]
    }
    return Array(Set(texts + ["texts\":[]", "\"texts\":[]"]))
  }()

  /// Against a dictionary and a sort, and the schema's bytes against the general encoder's.
  @Test func anyTextIsCountedSortedAndKept() throws {
    var rows: [String] = []
    for (index, text) in Self.texts.enumerated() {
      rows += Array(repeating: "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"", count: 1 + index % 3)
    }
    folder.write("data.txt", "y,t,u\n" + rows.shuffled().map { "1,\($0),\($0)\n" }.joined())
    let schema = "{name: a, format: csv, label: y, ids: {t: {vocabulary: 2}, u: {vocabulary: 1}}}"
    let outcome = try folder.conversion(schema, "data.txt").convert()
    let inOrder = { (texts: [String]) in
      texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }
    let often = Self.texts.indices.filter { $0 % 3 > 0 }.map { Self.texts[$0] }
    #expect(outcome.schema.fields[0].encoding == .vocabulary(minimumCount: 2, texts: inOrder(often)))
    #expect(outcome.schema.fields[1].encoding == .vocabulary(minimumCount: 1, texts: inOrder(Self.texts)))
    let opened = try ClickDataset.open("\(folder.path)/converted", split: .train)
    #expect(opened.schema == outcome.schema)
    #expect(Set(try folder.samples().ids.map { $0[1] }).count == Self.texts.count)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let shard = try #require(try folder.shards(of: "converted").values.first)
    #expect(shard.range(of: try encoder.encode(outcome.schema)) != nil, "the schema is stored in another form")
  }

  /// Only lines that become samples say what there is to learn.
  @Test func malformedLinesTeachNothing() throws {
    let schema = """
      {name: a, format: csv, label: y, dense: {n: {transform: log}, m: , s: {standardize: true}},
       ids: {t: {vocabulary: 1}, k: {integer: 10}, b: {buckets: [1, 2]}}}
      """
    folder.write(
      "data.txt",
      """
      y,n,m,s,t,k,b
      1,1,1e38,2,good,9,1
      2,1,1,9,label,1,1
      1,x,1,9,dense,1,1
      1,1e300,1,4,large,1,1
      1,1,1e39,9,larger,1,1
      1,1,1,1e39,largest,1,1
      1,1,1,9,integer,10,1
      1,1,1,9,empty,,1
      1,1,1,9,bucket,1,x
      1,1,1,9,fields,1
      """)
    var conversion = try folder.conversion(schema, "data.txt")
    conversion.badLines = 8
    let outcome = try conversion.convert()
    #expect(outcome.badLineCount == 8)
    #expect(outcome.schema.fields[0].encoding == .vocabulary(minimumCount: 1, texts: ["good", "large"]))
    #expect(outcome.schema.dense[2].mean == 3)
    #expect(outcome.splits.map(\.rows) == [2])
  }

  /// Fields of all lengths, so that separators lie at all places of the 64 bytes that are looked at together.
  @Test(arguments: ["csv", "criteo"]) func linesOfAnyLength(format: String) throws {
    let count = format == "csv" ? 5 : 40
    let separator = format == "csv" ? "," : "\t"
    var (lines, expected): ([String], [[Int32]]) = ([], [])
    for length in 0..<150 {
      var fields = ["1"] + Array(repeating: "", count: count - 1)
      fields[count - 2] = String(repeating: "a", count: length)
      fields[count - 1] = String(repeating: "b", count: length * 7 % 67)
      lines.append(fields.joined(separator: separator))
      expected.append(fields.suffix(2).map { Int32(referenceHash($0) % 1009) })
    }
    let columns = format == "csv" ? "label: y, columns: [y, p, q, t, u], ids: [t, u], " : ""
    let schema = "{name: a, format: \(format), \(columns)defaults: {ids: {hash: 1009}}}"
    let ids = try folder.samples(schema, text: lines.joined(separator: "\n")).ids
    // Without the offset of each field in the joined table.
    #expect(ids.map { $0.suffix(2).map { $0 % 1009 } } == expected)
    for (line, number) in [(lines[9] + separator, count + 1), (String(lines[9].prefix(1)), 1)] {
      let error = try folder.error(schema, text: lines[8] + "\n" + line)
      #expect(error.contains("data.txt:2: the line has \(number) field"), "\(error)")
    }
  }

  /// Numbers of few digits are read all bytes at once: every byte at every place of them.
  @Test func whatIsNoNumber() throws {
    let schema = "{name: a, format: csv, columns: [y, n], label: y, dense: [n]}"
    let bytes = Set(UInt8.min...UInt8.max).subtracting([0x0A, 0x0D, 0x22, 0x2C])
    for count in 1...8 {
      let place = count * 5 % count
      let texts = bytes.map { byte in
        var text = [UInt8](repeating: UInt8(ascii: "7"), count: count)
        text[place] = byte
        return text
      }
      let numbers = texts.filter { text in
        let byte = text[place]
        let isSign = place == 0 && count > 1 && [0x2B, 0x2D].contains(byte)
        let isPoint = byte == 0x2E && count > 1
        let isExponent = byte | 0x20 == 0x65 && place > 0 && place < count - 1
        return 0x30...0x39 ~= byte || isSign || isPoint || isExponent
      }
      folder.write("data.txt", texts.flatMap { Array("1,".utf8) + $0 + [0x0A] })
      var conversion = try folder.conversion(schema, "data.txt")
      conversion.badLines = 256
      #expect(try conversion.convert().badLineCount == texts.count - numbers.count)
      let expected = numbers.map { strtof(String(decoding: $0, as: UTF8.self), nil) }
      #expect(try folder.samples().dense.map { $0[0] } == expected)
    }
  }
}
