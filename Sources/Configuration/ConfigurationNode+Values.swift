/// What a number may be, in words and as a test.
struct NumberRule: Sendable {
  var words: String
  var allows: @Sendable (Double) -> Bool

  static let positive = NumberRule(words: "more than 0") { $0 > 0 }
  static let notNegative = NumberRule(words: "at least 0") { $0 >= 0 }
  /// A share that must leave something: dropout, momentum.
  static let belowOne = NumberRule(words: "at least 0 and less than 1") { $0 >= 0 && $0 < 1 }
  static let fraction = NumberRule(words: "more than 0 and at most 1") { $0 > 0 && $0 <= 1 }
}

extension ConfigurationNode {
  /// Counts of samples, epochs and bytes: far below the point where a product of two overflows.
  static let counts = 1...Int(Int32.max)
  /// Units of one layer.
  static let widths = 1...1 << 20

  func whole(in range: ClosedRange<Int> = counts) throws -> Int {
    guard case .scalar(let text, isQuoted: false) = content, let value = Int(text) else {
      throw error(expected: "a whole number")
    }
    if value < range.lowerBound { throw error("\(path) is \(text), but must be at least \(range.lowerBound)") }
    if value > range.upperBound { throw error("\(path) is \(text), but must be at most \(range.upperBound)") }
    return value
  }

  func seed() throws -> UInt64 {
    guard case .scalar(let text, isQuoted: false) = content, let value = UInt64(text) else {
      throw error(expected: "a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  func number(_ rule: NumberRule) throws -> Double {
    guard case .scalar(let text, isQuoted: false) = content, let value = Double(text), value.isFinite else {
      throw error(expected: "a number")
    }
    if !rule.allows(value) { throw error("\(path) is \(text), but must be \(rule.words)") }
    return value
  }

  func flag() throws -> Bool {
    switch content {
    case .scalar("true", isQuoted: false): return true
    case .scalar("false", isQuoted: false): return false
    default: throw error(expected: "true or false")
    }
  }

  func text() throws -> String {
    guard case .scalar(let text, _) = content, !text.isEmpty else { throw error(expected: "a text") }
    return text
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type = Choice.self) throws -> Choice {
    let words = Choice.allCases.map(\.rawValue)
    guard case .scalar(let text, _) = content else {
      throw error(expected: "one of \(words.joined(separator: ", "))")
    }
    if let choice = Choice(rawValue: text) { return choice }
    let hint = nearest(to: text, among: words).map { " (did you mean '\($0)'?)" } ?? ""
    throw error("\(path) is '\(text)', not one of \(words.joined(separator: ", "))\(hint)")
  }

  /// - Parameter example: a right value, for the error.
  func list<Value>(example: String, _ read: (ConfigurationNode) throws -> Value) throws -> [Value] {
    guard case .list(let items) = content else { throw error(expected: "a list such as \(example)") }
    if items.isEmpty { throw error("\(path) is an empty list: give at least one value, such as \(example)") }
    return try items.map(read)
  }

  /// As `list`, for the values of an axis: each may stand there once.
  func axis<Value: Hashable>(example: String, _ read: (ConfigurationNode) throws -> Value) throws -> [Value] {
    let values = try list(example: example, read)
    var seen: Set<Value> = []
    for value in values where !seen.insert(value).inserted { throw error("\(path) holds \(value) twice") }
    return values
  }
}
