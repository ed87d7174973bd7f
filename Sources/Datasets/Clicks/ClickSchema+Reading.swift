import Configuration

private enum SchemaKey: String, SectionKey { case name, label, weight, dense, fields }
private enum LabelKey: String, SectionKey { case column, positive }
private enum DenseKey: String, SectionKey { case column, transform, standardize, mean, deviation, missing }
private enum FieldKey: String, SectionKey { case column, encoding, values, crossed }
private enum ValuesKey: String, SectionKey { case separator, atMost, pooling }

extension ClickSchema {
  /// As a shard or a model holds it.
  ///
  /// - Throws: `ConfigurationError`.
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<SchemaKey>(node)
    self.init(
      name: try section.required(.name).anyText(), label: try Label(try section.required(.label)),
      weight: try section.optional(.weight)?.anyText(),
      dense: try section.required(.dense).values { try DenseColumn($0) },
      fields: try section.required(.fields).values { try IDColumn($0) })
    try Self.refuseTwice(dense.map(\.column), try section.required(.dense))
    try Self.refuseTwice(fields.map(\.column), try section.required(.fields))
    do { try checkTable() } catch { throw node.error("\(error)") }
  }

  private static func refuseTwice(_ columns: [String], _ node: ConfigurationNode) throws {
    guard Set(columns).count < columns.count else { return }
    throw node.error("\(node.path) holds a column twice")
  }
}

extension ClickSchema.Label {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<LabelKey>(node)
    self.init(
      column: try section.required(.column).anyText(), positive: try section.optional(.positive)?.texts())
  }
}

extension ClickSchema.DenseColumn {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<DenseKey>(node)
    self.init(
      column: try section.required(.column).anyText(), transform: try section.required(.transform).choice(),
      standardize: try section.required(.standardize).flag(), mean: try section.required(.mean).number(.any),
      deviation: try section.required(.deviation).number(.positive),
      missing: try section.required(.missing).number(.any))
  }
}

private enum EncodingKey: String, SectionKey { case integer, hash, vocabulary, buckets }
private enum IntegerKey: String, SectionKey { case cardinality }
private enum HashKey: String, SectionKey { case buckets }
private enum VocabularyKey: String, SectionKey { case minimumCount, texts }
private enum BucketsKey: String, SectionKey { case boundaries, quantiles }

extension ClickSchema.IDColumn {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<FieldKey>(node)
    self.init(
      column: try section.required(.column).anyText(), encoding: try Encoding(try section.required(.encoding)),
      values: try section.optional(.values).map(ClickValues.init(stored:)),
      crossed: try section.optional(.crossed)?.texts())
  }
}

extension ClickValues {
  fileprivate init(stored node: ConfigurationNode) throws {
    let section = try Section<ValuesKey>(node)
    let separator = try section.required(.separator).anyText()
    guard separator.utf8.count == 1 else {
      throw node.error("\(node.path).separator is '\(separator)', but must be one ASCII character")
    }
    self.init(
      separator: separator, atMost: try section.required(.atMost).whole(in: Self.counts),
      pooling: try section.required(.pooling).choice())
  }
}

extension ClickSchema.IDColumn.Encoding {
  fileprivate init(_ node: ConfigurationNode) throws {
    let (kind, value) = try node.oneOf(EncodingKey.self)
    switch kind {
    case .integer:
      self = .integer(cardinality: try Section<IntegerKey>(value).required(.cardinality).whole())
    case .hash: self = .hash(buckets: try Section<HashKey>(value).required(.buckets).whole())
    case .vocabulary:
      let section = try Section<VocabularyKey>(value)
      self = .vocabulary(
        minimumCount: try section.required(.minimumCount).whole(),
        texts: try Self.rising(try section.required(.texts)))
    case .buckets:
      let section = try Section<BucketsKey>(value)
      self = .buckets(
        boundaries: try Self.boundaries(try section.required(.boundaries)),
        quantiles: try section.required(.quantiles).whole(in: 0...65_536))
    }
  }

  /// In the order of their bytes, so each once.
  private static func rising(_ node: ConfigurationNode) throws -> [String] {
    let texts = try node.texts()
    for (index, pair) in zip(texts, texts.dropFirst()).enumerated() where !precedes(pair.0, pair.1) {
      throw node.error(
        "\(node.path)[\(index + 1)] must follow the text before it in the order of bytes: none stands there twice")
    }
    return texts
  }

  private static func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  private static func boundaries(_ node: ConfigurationNode) throws -> [Double] {
    let boundaries = try node.values { try $0.number(.any) }
    for (index, pair) in zip(boundaries, boundaries.dropFirst()).enumerated() where pair.0 >= pair.1 {
      throw node.error("\(node.path)[\(index + 1)] is \(pair.1), but must be more than \(pair.0)")
    }
    return boundaries
  }
}
