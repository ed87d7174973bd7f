/// A layer as its word and its values, in which form it is stored and shown.
extension LayerConfiguration.Kind {
  enum Value {
    case whole(Int)
    case number(Double)
    case flag(Bool)
    case word(String)
    case layers([LayerConfiguration])
    case branches([LayerConfiguration.Branch])
  }
}

extension LayerConfiguration.Width {
  static let classesWord = "classes"
}

extension LayerConfiguration: Encodable {
  /// As a file has it: `{"dense": {"width": 10}}`.
  public func encode(to encoder: any Encoder) throws {
    var entry = encoder.container(keyedBy: Word.self)
    var values = entry.nestedContainer(keyedBy: Word.self, forKey: Word(kind.key))
    for (key, value) in kind.values {
      let key = Word(key)
      switch value {
      case .whole(let value): try values.encode(value, forKey: key)
      case .number(let value): try values.encode(value, forKey: key)
      case .flag(let value): try values.encode(value, forKey: key)
      case .word(let value): try values.encode(value, forKey: key)
      case .layers(let value): try values.encode(value, forKey: key)
      case .branches(let value): try values.encode(value, forKey: key)
      }
    }
  }

  private struct Word: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ key: some SectionKey) { stringValue = key.rawValue }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
  }
}

extension LayerConfiguration {
  /// All entries of a list, those of composites behind the composite, in the order in which they are written; with how
  /// many composites each stands in.
  public static func all(of list: [LayerConfiguration], depth: Int = 0) -> [(entry: LayerConfiguration, depth: Int)] {
    list.flatMap { [($0, depth)] + $0.parts.flatMap { all(of: $0, depth: depth + 1) } }
  }

  /// The lists that a composite is made of.
  var parts: [[LayerConfiguration]] {
    switch kind {
    case .residual(let layers, let projection): [layers, projection]
    case .sum(let branches), .concatenate(let branches): branches.map(\.layers)
    default: []
    }
  }

  /// As a run file has it, on one line each entry: `- convolution: {filters: 16, kernel: 3, …}`.
  ///
  /// - Parameter note: what to say behind an entry; called in the order of `all(of:)`.
  public static func lines(
    _ list: [LayerConfiguration], indent: String = "", note: () -> String = { "" }
  ) -> [String] {
    list.flatMap { $0.lines(indent, note) }
  }

  private func lines(_ indent: String, _ note: () -> String) -> [String] {
    let values = kind.values.compactMap { key, value in value.text.map { "\(key.rawValue): \($0)" } }
    let own = values.isEmpty ? "" : ": {\(values.joined(separator: ", "))}"
    let inner = indent + "    "
    switch kind {
    case .residual(let layers, let projection):
      let head = "\(indent)- residual:\(note())"
      let body = ["\(inner)layers:"] + Self.lines(layers, indent: inner + "  ", note: note)
      guard !projection.isEmpty else { return [head] + body }
      return [head] + body + ["\(inner)projection:"] + Self.lines(projection, indent: inner + "  ", note: note)
    case .sum(let branches), .concatenate(let branches):
      let head = ["\(indent)- \(kind.key.rawValue):\(note())", "\(inner)branches:"]
      return head
        + branches.flatMap { branch in
          let list = "\(inner)  - name: \(branch.name)"
          guard !branch.layers.isEmpty else { return [list, "\(inner)    layers: []"] }
          return [list, "\(inner)    layers:"] + Self.lines(branch.layers, indent: inner + "      ", note: note)
        }
    default: return ["\(indent)- \(kind.key.rawValue)\(own)\(note())"]
    }
  }
}

extension LayerConfiguration.Kind.Value {
  /// Nil for lists.
  fileprivate var text: String? {
    switch self {
    case .whole(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .word(let value): value
    case .layers, .branches: nil
    }
  }
}
