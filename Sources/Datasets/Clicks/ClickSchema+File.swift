import Configuration

extension ClickSchema {
  /// The schema of a schema file; nothing is learnt yet.
  public init(_ file: ClickSchemaFile) {
    self.init(
      name: file.name, label: Label(column: file.label.column, positive: file.label.positive),
      weight: file.weight?.column,
      dense: file.dense.map {
        DenseColumn(
          column: $0.column, transform: $0.isLogarithm ? .log : .none, standardize: $0.standardize, missing: $0.missing)
      },
      fields: file.ids.map {
        IDColumn(
          column: $0.column, encoding: IDColumn.Encoding($0.encoding), values: $0.values, crossed: $0.crossed)
      })
  }

  /// Whether something has to be learnt from the training split.
  var needsFitting: Bool {
    dense.contains(where: \.standardize) || fields.contains { $0.encoding.isLearnt }
  }

  /// Without all that was learnt, and without the name.
  var unfitted: ClickSchema {
    var schema = self
    schema.name = ""
    for index in dense.indices where dense[index].standardize {
      schema.dense[index].mean = 0
      schema.dense[index].deviation = 1
    }
    for index in fields.indices { schema.fields[index].encoding = fields[index].encoding.unfitted }
    return schema
  }

  /// The first thing in which two schemas differ besides what is learnt; nil where they do not.
  func difference(from other: ClickSchema) -> String? {
    let (mine, theirs) = (unfitted, other.unfitted)
    if mine == theirs { return nil }
    if mine.label != theirs.label { return "the label" }
    if mine.weight != theirs.weight { return "the weight" }
    if mine.dense.map(\.column) != theirs.dense.map(\.column) { return "the dense columns" }
    if mine.fields.map(\.column) != theirs.fields.map(\.column) { return "the id columns" }
    let dense = zip(mine.dense, theirs.dense).first { $0 != $1 }?.0.column
    let field = zip(mine.fields, theirs.fields).first { $0 != $1 }?.0.column
    return "the column '\(dense ?? field ?? "")'"
  }
}

extension ClickSchema.IDColumn.Encoding {
  /// Whether the texts of the training split have to be counted for it.
  var isLearnt: Bool {
    switch self {
    case .integer, .hash: false
    case .vocabulary: true
    case .buckets(_, let quantiles): quantiles > 0
    }
  }

  /// Without what was learnt.
  var unfitted: Self {
    switch self {
    case .vocabulary(let minimum, _): .vocabulary(minimumCount: minimum, texts: [])
    case .buckets(_, let quantiles) where quantiles > 0: .buckets(boundaries: [], quantiles: quantiles)
    case .integer, .hash, .buckets: self
    }
  }

  init(_ encoding: ClickSchemaFile.ID.Encoding) {
    switch encoding {
    case .integer(let cardinality): self = .integer(cardinality: cardinality)
    case .hash(let buckets): self = .hash(buckets: buckets)
    case .vocabulary(let minimum): self = .vocabulary(minimumCount: minimum, texts: [])
    case .buckets(let boundaries): self = .buckets(boundaries: boundaries, quantiles: 0)
    case .quantiles(let count): self = .buckets(boundaries: [], quantiles: count)
    case .indices(let range): self = .integer(cardinality: range.count + 1)
    }
  }
}

extension ClickSchemaFile {
  /// See `ClickEncoder.init`.
  var indexBases: [Int]? {
    guard format == .libsvm else { return nil }
    return ids.map { id in
      guard case .indices(let range) = id.encoding else { return 0 }
      return range.lowerBound - 1
    }
  }
}
