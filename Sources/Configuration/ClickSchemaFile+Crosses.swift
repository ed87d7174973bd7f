extension [ClickSchemaFile.ID] {
  /// With the crosses of the schema's `crosses` behind them: each item a list of id columns, or a section with `columns` and
  /// an encoding.
  ///
  /// - Parameter defaults: `defaults.ids`, the encoding of those that say nothing of their own.
  func withCrosses(_ section: Section<ClickSchemaKey>, _ defaults: ConfigurationNode?) throws -> Self {
    guard let node = section.optional(.crosses) else { return self }
    let crosses = try node.list(example: "[[origin, dest]]") { item in
      try ClickSchemaFile.ID(cross: item, of: self, defaults)
    }
    var taken: Set<Set<String>> = []
    for cross in crosses {
      guard taken.insert(Set(cross.crossed ?? [])).inserted, !contains(where: { $0.column == cross.column }) else {
        throw ConfigurationError("\(cross.place): there are two id columns '\(cross.column)': remove one")
      }
    }
    return self + crosses
  }
}

extension ClickSchemaFile.ID {
  /// Between the names of its columns in a cross's own name.
  private static let sign = "*"

  fileprivate init(cross node: ConfigurationNode, of ids: [Self], _ defaults: ConfigurationNode?) throws {
    var names = node
    var encoding: Encoding?
    if case .section = node.content {
      let section = try Section<ClickCrossKey>(node)
      names = try section.required(.columns)
      encoding = try Encoding(ofCross: section)
    }
    let columns = try names.list(example: "[origin, dest]") { item in
      let name = try item.text()
      try Self.requirePart(name, item, of: ids)
      return name
    }
    guard columns.count > 1 else { throw names.error("a cross has two columns or more, such as [origin, dest]") }
    if let twice = columns.enumerated().first(where: { columns[..<$0.offset].contains($0.element) }) {
      throw names.error("the column '\(twice.element)' stands twice in one cross")
    }
    let name = columns.joined(separator: Self.sign)
    guard let encoding = try encoding ?? defaults.flatMap(Encoding.init(usualOfCross:)) else {
      throw node.error(
        "the cross '\(name)' has no encoding: write {columns: [\(columns.joined(separator: ", "))], hash: 100000}, or set "
          + "defaults.ids to hash or vocabulary")
    }
    self.init(column: name, encoding: encoding, place: node.place.description, crossed: columns)
  }

  /// - Throws: `ConfigurationError` where a column cannot be part of a cross.
  private static func requirePart(_ name: String, _ node: ConfigurationNode, of ids: [Self]) throws {
    guard let column = ids.first(where: { $0.column == name }) else {
      let hint = nearest(to: name, among: ids.map(\.column)).map { " (did you mean '\($0)'?)" } ?? ""
      throw node.error("'\(name)' is no id column\(hint): a cross is made of columns that 'ids' names")
    }
    if column.values != nil {
      throw node.error(
        "'\(name)' holds several values, but a cross is made of one text of each column: cross other columns")
    }
    switch column.encoding {
    case .buckets, .quantiles:
      throw node.error("'\(name)' is a number in buckets, but a cross is made of texts: cross other columns")
    case .integer, .hash, .vocabulary, .indices: return
    }
  }
}

extension ClickSchemaFile.ID.Encoding {
  fileprivate init?(ofCross section: Section<ClickCrossKey>) throws {
    switch (section[.hash], section[.vocabulary]) {
    case (let hash?, nil): self = .hash(buckets: try hash.whole())
    case (nil, let vocabulary?): self = .vocabulary(minimumCount: try vocabulary.whole())
    case (nil, nil): return nil
    case (_?, _?):
      throw section.node.error("\(section.node.path) has both hash and vocabulary: a cross has one of them")
    }
  }

  /// Nil for encodings of single texts.
  fileprivate init?(usualOfCross defaults: ConfigurationNode) throws {
    let usual = try Self(defaults)
    switch usual {
    case .hash, .vocabulary: self = usual
    case .integer, .buckets, .quantiles, .indices: return nil
    }
  }
}
