/// Values that only files have that Lockstep itself wrote.
extension ConfigurationNode {
  /// As `text`, but it may be empty.
  package func anyText() throws -> String {
    guard case .scalar(let text, isQuoted: true) = content else { throw error(expected: "a text in quotes") }
    return text
  }

  /// A list of texts, which may be empty.
  package func texts() throws -> [String] {
    if case .texts(let texts) = content { return texts }
    return try values { try $0.anyText() }
  }

  /// A list of any length.
  package func values<Value>(_ read: (ConfigurationNode) throws -> Value) throws -> [Value] {
    guard let items else { throw error(expected: "a list") }
    return try items.map(read)
  }

  /// A figure of a run that may have diverged: "NaN", "Infinity" and "-Infinity" stand for what JSON has no word for.
  ///
  /// - Parameter rule: for all numbers.
  package func figure(_ rule: NumberRule = .any) throws -> Double {
    switch content {
    case .scalar("NaN", isQuoted: true): return .nan
    case .scalar("Infinity", isQuoted: true): return .infinity
    case .scalar("-Infinity", isQuoted: true): return -.infinity
    default: return try number(rule)
    }
  }

  /// Every key with its value.
  package func entries() throws -> [Entry] {
    switch content {
    case .section(let entries): return entries
    case .empty: return []
    default: throw error(expected: "a section")
    }
  }

  /// One of several things, each with values of its own: `{"diverged": {"step": 3}}`.
  package func oneOf<Key: SectionKey>(_: Key.Type = Key.self) throws -> (Key, ConfigurationNode) {
    let section = try Section<Key>(self)
    let given = Key.allCases.compactMap { key in section[key].map { (key, $0) } }
    guard given.count == 1, let only = given.first else {
      throw error("\(path) needs exactly one of \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return only
  }
}

extension NumberRule {
  /// Seconds, and what is counted as a figure; far from where a sum or a whole number of it overflows.
  package static let amount = range(0...1e18)
}

extension ConfigurationNode {
  /// Bytes, updates and what else has no smaller bound: a sum of a few, or a product with a small factor, does not overflow.
  package static let amounts = 0...1 << 60
  /// Samples of a data set.
  package static let samples = 0...1 << 40
  package static let classes = 1...1 << 20
}
