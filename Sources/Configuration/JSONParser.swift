/// Reads JSON (RFC 8259) as strictly as the keys in it are read: no key twice, nothing after the value, no more levels and
/// values than any file of Lockstep has, so that what is read takes memory in proportion to its bytes.
struct JSONParser {
  /// Levels of lists and objects in each other.
  static let deepest = 256
  /// Values besides those of lists of texts.
  static let mostValues = 1 << 22

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var place: ConfigurationPlace
  private var values = 0

  /// - Parameters:
  ///   - source: how errors name the text.
  ///   - line: of its first byte; nil where lines are not counted.
  init(_ bytes: UnsafeRawBufferPointer, source: String, line: Int?) {
    self.bytes = bytes
    place = ConfigurationPlace(source: source, line: line, folder: nil)
  }

  /// The one value of the text.
  mutating func root() throws -> ConfigurationNode {
    let node = try value("", depth: 0)
    skipBlanks()
    guard position == bytes.count else { throw error("something follows its end") }
    return node
  }

  private mutating func value(_ path: String, depth: Int) throws -> ConfigurationNode {
    guard depth < Self.deepest else { throw error("it has more than \(Self.deepest) levels") }
    values += 1
    guard values <= Self.mostValues else { throw error("it has more than \(Self.mostValues) values") }
    skipBlanks()
    var node = ConfigurationNode(content: .empty, place: place, path: path)
    switch next {
    case UInt8(ascii: "{"): node.content = .section(try entries(path, depth))
    case UInt8(ascii: "["): node.content = try items(path, depth)
    case UInt8(ascii: "\""): node.content = .scalar(try text(), isQuoted: true)
    default:
      let word = try word()
      if word != "null" { node.content = .scalar(word, isQuoted: false) }
    }
    return node
  }

  private mutating func entries(_ path: String, _ depth: Int) throws -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    position += 1
    if skip(to: "}") { return [] }
    repeat {
      skipBlanks()
      let place = place
      guard next == UInt8(ascii: "\"") else { throw error("a key in quotes is missing") }
      let key = try text()
      guard skip(to: ":") else { throw error("a colon is missing after the key '\(key.shown)'") }
      let value = try value(path.isEmpty ? key : "\(path).\(key)", depth: depth + 1)
      entries.append(ConfigurationNode.Entry(key: key, place: place, value: value))
    } while skip(to: ",")
    guard skip(to: "}") else { throw error("an object is not closed") }
    try refuseRepeatedKeys(entries)
    return entries
  }

  private func refuseRepeatedKeys(_ entries: [ConfigurationNode.Entry]) throws {
    var seen = Set<String>(minimumCapacity: entries.count)
    for entry in entries where !seen.insert(entry.key).inserted {
      throw ConfigurationError(entry.place, "the key '\(entry.key.shown)' stands here more than once")
    }
  }

  private mutating func items(_ path: String, _ depth: Int) throws -> ConfigurationNode.Content {
    position += 1
    if skip(to: "]") { return .list([]) }
    skipBlanks()
    let place = place
    var texts: [String] = []
    while next == UInt8(ascii: "\"") {
      texts.append(try text())
      if skip(to: "]") { return .texts(texts) }
      guard skip(to: ",") else { throw error("a list is not closed") }
      skipBlanks()
    }
    var items = ConfigurationNode(content: .texts(texts), place: place, path: path).items ?? []
    repeat { items.append(try value("\(path)[\(items.count)]", depth: depth + 1)) } while skip(to: ",")
    guard skip(to: "]") else { throw error("a list is not closed") }
    return .list(items)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Steps over a mark and the blanks before it, if it stands there.
  private mutating func skip(to mark: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || 0x09...0x0D ~= byte && byte != 0x0B && byte != 0x0C {
      if byte == UInt8(ascii: "\n"), let line = place.line { place.line = line + 1 }
      position += 1
    }
  }

  private func error(_ problem: String) -> ConfigurationError {
    ConfigurationError(place, "not valid JSON: \(problem)")
  }
}

extension JSONParser {
  /// A number, as written, or `true`, `false` or `null`.
  private mutating func word() throws -> String {
    let start = position
    while let byte = next, Self.isOfWord(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    guard ["true", "false", "null"].contains(word) || Self.isNumber(bytes[start..<position]) else {
      let what =
        word.isEmpty ? (next == nil ? "it ends too early" : "a value is missing") : "'\(word.shown)' is no value"
      throw error(what)
    }
    return word
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: isDigit(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private static func isNumber(_ word: Slice<UnsafeRawBufferPointer>) -> Bool {
    var rest = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
    func digits() -> Int {
      let count = rest.prefix { isDigit($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, whole == 1 || !startsWithZero else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// The text between quotes.
  private mutating func text() throws -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try string(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
    }
    return try escapedText(from: start)
  }

  private func string(_ bytes: some Collection<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("a text is not UTF-8") }
    return text
  }

  private mutating func escapedText(from start: Int) throws -> String {
    var found = Array(bytes[start..<position])
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("a text is not closed, or holds a control character") }
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        found.append(byte)
        continue
      }
      found += try escape()
    }
    guard next != nil else { throw error("it ends within a text") }
    position += 1
    return try string(found)
  }

  /// The bytes for which the characters after a backslash stand.
  private mutating func escape() throws -> [UInt8] {
    defer { position += 1 }
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[position]]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try unicodeScalar()).utf8)
    default: throw error("an escape within a text is not known")
    }
  }

  /// At the `u`; left at the last digit.
  private mutating func unicodeScalar() throws -> Character {
    var unit = try codeUnit()
    if 0xD800..<0xDC00 ~= unit, bytes[(position + 1)...].starts(with: Array("\\u".utf8)) {
      position += 2
      let low = try codeUnit()
      if 0xDC00..<0xE000 ~= low { unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00) }
    }
    guard let scalar = Unicode.Scalar(unit) else { throw error("an escape within a text is half a character") }
    return Character(scalar)
  }

  private mutating func codeUnit() throws -> UInt32 {
    let digits = bytes[(position + 1)...].prefix(4)
    guard digits.count == 4, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
      digits.allSatisfy({ $0 != UInt8(ascii: "+") })
    else { throw error("an escape within a text needs four digits") }
    position += 4
    return unit
  }
}
