import Configuration
import Foundation
import Testing

@Suite struct JSONParserTests {
  private func node(_ text: String) throws -> ConfigurationNode {
    try Data(text.utf8).withUnsafeBytes { try ConfigurationNode(json: $0, source: "f.json") }
  }

  private func error(_ text: String) throws -> String {
    try #require(throws: ConfigurationError.self) { _ = try node(text) }.description
  }

  @Test func readsEveryKindOfValue() throws {
    let entries = try node(
      #" {"a": [1, -2.5e-3, "x"], "b": {"c": true, "d": null}, "e": ["\u00fc\ud83d\ude00\n", "ü"], "f": [], "g": {}}"#
        + "\n"
    ).entries()
    #expect(entries.map(\.key) == ["a", "b", "e", "f", "g"])
    let list = try entries[0].value.values { $0 }
    #expect(try list[0].whole() == 1 && list[1].number(.any) == -2.5e-3 && list[2].anyText() == "x")
    #expect(list[2].path == "a[2]")
    #expect(try entries[1].value.entries()[0].value.flag())
    #expect(entries[1].value.path == "b")
    #expect(try entries[2].value.texts() == ["ü😀\n", "ü"])
    #expect(try entries[3].value.texts() == [])
    #expect(try entries[4].value.entries().isEmpty)
  }

  @Test(arguments: [
    ("", "f.json:1: not valid JSON: it ends too early"), ("{", "a key in quotes is missing"),
    ("{}\n\n x", "f.json:3: not valid JSON: something follows its end"), ("[1,]", "a value is missing"),
    ("{\"a\" 1}", "a colon is missing after the key 'a'"), ("{\"a\": 1", "an object is not closed"),
    ("[1 2]", "a list is not closed"), ("[\"a\" \"b\"]", "a list is not closed"), ("[nul]", "'nul' is no value"),
    ("[01]", "'01' is no value"), ("[1.]", "'1.' is no value"), ("[+1]", "'+1' is no value"),
    ("[1e]", "'1e' is no value"),
    ("[\"a\nb\"]", "a control character"), ("[\"\\x\"]", "an escape within a text is not known"),
    ("[\"\\ud800\"]", "half a character"), ("[\"\\u12g4\"]", "needs four digits"), ("[\"a", "it ends within a text"),
    ("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "f.json:3: the key 'a' stands here more than once"),
  ])
  func refusesWhatIsNoJSON(text: String, words: String) throws {
    #expect(try error(text).contains(words))
  }

  /// The first and the last character beyond those of 16 bits, and the ends of either half's range.
  @Test func readsPairsOfHalves() throws {
    let texts = try node(#"["\ud800\udc00", "\ud83d\udfff", "\udbff\udfff"]"#).texts()
    #expect(texts == ["\u{10000}", "\u{1F7FF}", "\u{10FFFF}"])
  }

  @Test func refusesBytesThatAreNoText() {
    #expect(throws: ConfigurationError.self) {
      try Data([0x5B, 0x22, 0xFF, 0x22, 0x5D]).withUnsafeBytes { _ = try ConfigurationNode(json: $0, source: "f") }
    }
  }

  @Test func refusesMoreLevelsThanFilesHave() throws {
    #expect(try error(String(repeating: "[", count: 1 << 20)).contains("more than 256 levels"))
    #expect(try error(String(repeating: "{\"a\":", count: 1 << 16)).contains("more than 256 levels"))
  }

  @Test func showsHugeAndStrangeTextsShortAndOnOneLine() throws {
    let huge = String(repeating: "x", count: 1 << 20)
    let message = try error("{\"\(huge)\": 1, \"\(huge)\": 2}")
    #expect(message.utf8.count < 200 && message.contains("xxx…'"))
    let strange = try #require(throws: ConfigurationError.self) {
      _ = try node(#"{"a": "\u001b[31m\n"}"#).entries()[0].value.whole()
    }
    #expect(strange.description == #"f.json:1: a is the text "\u{1B}[31m\n", not a whole number"#)
  }

  @Test func onlyFiguresMayBeWordsForNoNumber() throws {
    let values = try node(#"["NaN", "Infinity", "-Infinity", 1.5]"#).values { $0 }
    #expect(try values.map { try $0.figure(.notNegative) }.map(\.isNaN) == [true, false, false, false])
    #expect(try values[1].figure() == .infinity && values[2].figure() == -.infinity)
    #expect(throws: ConfigurationError.self) { _ = try values[0].number(.any) }
    #expect(throws: ConfigurationError.self) { _ = try node("[1e999]").values { try $0.figure() } }
  }
}
