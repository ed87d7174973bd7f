/// The range of a number, in words and as a test.
package struct NumberRule: Sendable {
  var words: String
  var allows: @Sendable (Double) -> Bool

  package init(words: String, allows: @escaping @Sendable (Double) -> Bool) {
    self.words = words
    self.allows = allows
  }

  package static let any = NumberRule(words: "a number") { _ in true }
  package static let positive = NumberRule(words: "more than 0") { $0 > 0 }
  package static let notNegative = NumberRule(words: "at least 0") { $0 >= 0 }
  /// A share that must leave something: dropout, momentum.
  package static let belowOne = NumberRule(words: "at least 0 and less than 1") { $0 >= 0 && $0 < 1 }
  package static let fraction = NumberRule(words: "more than 0 and at most 1") { $0 > 0 && $0 <= 1 }

  package static func range(_ range: ClosedRange<Double>) -> NumberRule {
    NumberRule(words: "from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
  }
}

extension ConfigurationNode {
  /// Counts of samples, epochs and bytes: far below the point where a product of two overflows.
  package static let counts = 1...Int(Int32.max)
  /// Units of one layer.
  package static let widths = 1...1 << 20

  /// - Parameter word: what may stand in its place, for the error.
  package func whole(in range: ClosedRange<Int> = counts, or word: String? = nil) throws -> Int {
    guard case .scalar(let text, isQuoted: false) = content, let value = Int(text) else {
      throw error(expected: "a whole number\(word.map { " or \($0)" } ?? "")")
    }
    if value < range.lowerBound { throw error("\(path) is \(value), but must be at least \(range.lowerBound)") }
    if value > range.upperBound { throw error("\(path) is \(value), but must be at most \(range.upperBound)") }
    return value
  }

  package func seed() throws -> UInt64 {
    guard case .scalar(let text, isQuoted: false) = content, let value = UInt64(text) else {
      throw error(expected: "a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  package func number(_ rule: NumberRule) throws -> Double {
    guard case .scalar(let text, isQuoted: false) = content, let value = Double(text), value.isFinite else {
      throw error(expected: "a number")
    }
    if !rule.allows(value) { throw error("\(path) is \(text.shown), but must be \(rule.words)") }
    return value
  }

  package func flag() throws -> Bool {
    switch content {
    case .scalar("true", isQuoted: false): return true
    case .scalar("false", isQuoted: false): return false
    default: throw error(expected: "true or false")
    }
  }

  package func text() throws -> String {
    guard case .scalar(let text, _) = content, !text.isEmpty else { throw error(expected: "a text") }
    return text
  }

  package func choice<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type = Choice.self) throws -> Choice {
    let words = Choice.allCases.map(\.rawValue)
    guard case .scalar(let text, _) = content else {
      throw error(expected: "one of \(words.joined(separator: ", "))")
    }
    if let choice = Choice(rawValue: text) { return choice }
    let hint = nearest(to: text, among: words).map { " (did you mean '\($0)'?)" } ?? ""
    throw error("\(path) is '\(text.shown)', not one of \(words.joined(separator: ", "))\(hint)")
  }

  /// - Parameters:
  ///   - example: a right value, for the error.
  ///   - most: how many values it may have.
  package func list<Value>(
    example: String, upTo most: Int = .max, _ read: (ConfigurationNode) throws -> Value
  ) throws -> [Value] {
    guard let items else { throw error(expected: "a list such as \(example)") }
    if items.isEmpty { throw error("\(path) is an empty list: give at least one value, such as \(example)") }
    if items.count > most { throw error("\(path) holds \(items.count) values, but may hold \(most) at most") }
    return try items.map(read)
  }

  /// Items of a list; nil where this is none.
  package var items: [ConfigurationNode]? {
    switch content {
    case .list(let items): items
    case .texts(let texts):
      texts.enumerated().map {
        ConfigurationNode(content: .scalar($1, isQuoted: true), place: place, path: "\(path)[\($0)]")
      }
    default: nil
    }
  }

  /// As `list`, for the values of an axis: each may stand there once.
  package func axis<Value: Hashable>(example: String, _ read: (ConfigurationNode) throws -> Value) throws -> [Value] {
    let values = try list(example: example, read)
    var seen: Set<Value> = []
    for value in values where !seen.insert(value).inserted { throw error("\(path) holds \("\(value)".shown) twice") }
    return values
  }
}
