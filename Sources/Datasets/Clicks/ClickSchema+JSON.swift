import Foundation

extension ClickSchema {
  /// The bytes of `NativeHeader.json`, without the memory and time that an encoder takes for each text of a vocabulary:
  /// there may be millions.
  func json() throws -> [UInt8] {
    var bare = self
    for index in fields.indices {
      guard case .vocabulary(let minimum, _) = fields[index].encoding else { continue }
      bare.fields[index].encoding = .vocabulary(minimumCount: minimum, texts: [])
    }
    let parts = try NativeHeader.json(bare).split(around: Self.noTexts)
    let vocabularies = fields.compactMap { field -> [String]? in
      guard case .vocabulary(_, let texts) = field.encoding else { return nil }
      return texts
    }
    precondition(parts.count == vocabularies.count + 1, "\(parts.count) parts for \(vocabularies.count) vocabularies")
    var json = Array(parts[0])
    for (texts, part) in zip(vocabularies, parts.dropFirst()) {
      json += Self.noTexts.dropLast()
      try Self.append(texts, to: &json)
      json.append(UInt8(ascii: "]"))
      json += part
    }
    return json
  }

  /// In JSON it stands nowhere else: the quotes within a name are escaped.
  private static let noTexts = Array(#""texts":[]"#.utf8)

  private static func append(_ texts: [String], to json: inout [UInt8]) throws {
    let quote = UInt8(ascii: "\"")
    for (index, text) in texts.enumerated() {
      if index > 0 { json.append(UInt8(ascii: ",")) }
      guard text.utf8.allSatisfy({ isPlain($0) }) else {
        json += try NativeHeader.json(text)
        continue
      }
      json.append(quote)
      json.append(contentsOf: text.utf8)
      json.append(quote)
    }
  }

  /// Bytes that JSON never escapes.
  private static func isPlain(_ byte: UInt8) -> Bool {
    0x20..<0x7F ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}

extension [UInt8] {
  /// The parts before, between and after all places where `mark` stands.
  fileprivate func split(around mark: [UInt8]) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var start = 0
    for place in 0..<Swift.max(count - mark.count + 1, 0) where place >= start && self[place...].starts(with: mark) {
      parts.append(self[start..<place])
      start = place + mark.count
    }
    return parts + [self[start...]]
  }
}
