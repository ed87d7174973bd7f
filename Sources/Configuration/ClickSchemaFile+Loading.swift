import Foundation

extension ClickSchemaFile {
  /// Reads a schema file strictly.
  ///
  /// - Throws: `ConfigurationError`, with file and line.
  public static func load(file: String) throws -> ClickSchemaFile {
    try load(text: try ConfigurationNode.contents(of: file), file: file)
  }

  /// Reads the text of a schema file, strictly.
  ///
  /// - Parameter file: the name of the place where the text is, for errors.
  /// - Throws: `ConfigurationError`, with `file` and line.
  public static func load(text: String, file: String) throws -> ClickSchemaFile {
    var schema = try ClickSchemaFile(try ConfigurationNode.load(text: text, file: file), file: file)
    schema.text = text
    return schema
  }

  init(_ node: ConfigurationNode, file: String) throws {
    let section = try Section<ClickSchemaKey>(node)
    let format: Format = try section.required(.format).choice()
    try Self.refuseKeys(section, of: format)
    let columns = try section.optional(.columns)?.names()
    let defaults = try section.section(.defaults, of: ClickDefaultsKey.self)
    self.init(
      file: file, name: try section.required(.name).text(), format: format,
      separator: try section[.separator]?.separator() ?? (format == .criteo ? "\t" : ","),
      trim: try section[.trim]?.flag() ?? false, comment: try section.optional(.comment)?.text(), columns: columns,
      label: Label(column: Self.firstColumn, positive: nil, place: node.place.description),
      weight: try section.optional(.weight).map {
        Weight(column: try $0.text(), place: $0.place.description)
      },
      split: try section.optional(.split).map(Split.init),
      dense: try Self.dense(section, format, defaults: defaults[.dense]),
      ids: try Self.ids(section, format, defaults: defaults[.ids]).withCrosses(section, defaults[.ids]),
      allow: try Allowance(section.section(.allow)), missing: try section.optional(.missing)?.names() ?? [])
    if let node = section.optional(.label) {
      label = try Label(node, format)
    } else if format.namesLabel {
      throw node.error("missing key 'label': name the column that holds the label")
    }
    try checkColumns(node)
  }

  private static func refuseKeys(_ section: Section<ClickSchemaKey>, of format: Format) throws {
    guard format != .csv else { return }
    let choice = "\(section.node.pathOf("format")) \(format.rawValue)"
    try section.refuse(.separator, .trim, .columns, .weight, unless: "csv", because: choice)
    if format == .numpy { return try section.refuse(.comment, unless: "text", because: choice) }
    try section.refuse(.split, unless: "csv and numpy", because: choice)
  }

  /// The label's name in formats whose columns have none. No number: those are fields and indices.
  fileprivate static let firstColumn = "label"

  private func checkColumns(_ node: ConfigurationNode) throws {
    if let weight, weight.column == label.column {
      throw ConfigurationError("\(weight.place): '\(weight.column)' is the label: a weight needs a column of its own")
    }
    if dense.isEmpty && ids.isEmpty { throw node.error("no column is used: give dense, ids or both") }
    for column in dense.map({ ($0.column, $0.place) }) + ids.map({ ($0.column, $0.place) })
    where column.0 == label.column {
      throw ConfigurationError("\(column.1): '\(column.0)' is the label: as an input it would give the answer away")
    }
    if let columns { try checkColumns(among: columns) }
    if format == .criteo { try checkColumns(among: Self.criteoColumns) }
    try checkTable()
  }

  /// Rows of the joined table are 32-bit numbers. How many a vocabulary will have is not known yet.
  private func checkTable() throws {
    var rows = 0
    for id in ids {
      rows += id.encoding.leastCardinality + (id.values == nil ? 0 : 1)
      guard rows <= Int(Int32.max) else {
        throw ConfigurationError(
          "\(id.place): with '\(id.column)' the columns have \(rows) ids together, but \(Int32.max) is the most: hash the "
            + "largest to fewer buckets")
      }
    }
  }

  /// Every column that the schema names must be one of these; the label's only if it is needed.
  ///
  /// - Throws: `ConfigurationError`, with the nearest name.
  package func checkColumns(among known: [String], of file: String? = nil, needsLabel: Bool = true) throws {
    let needed = namedColumns(withLabel: needsLabel)
    for (column, place) in needed where !known.contains(column) {
      // Only a file's own header is trimmed.
      let isPadded = file != nil && !trim && known.contains { $0.trimmingCharacters(in: .whitespaces) == column }
      let hint =
        isPadded
        ? " (there is one with blanks around it: say trim: true)"
        : nearest(to: column, among: known).map { " (did you mean '\($0.shown)'?)" }
      let problem = file.map { "\($0) has no column '\(column)'" } ?? "there is no column '\(column)'"
      throw ConfigurationError("\(place): \(problem)\(hint ?? ": there are \(Self.list(known))")")
    }
  }

  /// The first of them: what is no text may look like one with any number of columns.
  private static func list(_ columns: [String]) -> String {
    let mostBytes = 1000
    var (names, length) = ([String](), 0)
    for name in columns.lazy.map(\.shown) {
      length += name.utf8.count + 2
      if length > mostBytes { return (names + ["…"]).joined(separator: ", ") }
      names.append(name)
    }
    return names.joined(separator: ", ")
  }

  /// The columns of the data, and where the file names them; weights go with labels.
  func namedColumns(withLabel: Bool) -> [(name: String, place: String)] {
    (withLabel ? [(label.column, label.place)] + (weight.map { [($0.column, $0.place)] } ?? []) : [])
      + (split.map { [($0.column, $0.place)] } ?? [])
      + dense.map { ($0.column, $0.place) } + ids.filter { $0.crossed == nil }.map { ($0.column, $0.place) }
  }

  package static let criteoColumns =
    ["label"] + (1...13).map { "I\($0)" } + (1...26).map { "C\($0)" }

  /// For Criteo's ids: about what hashing studies of that data use.
  private static let criteoBuckets = 100_000
}

extension ClickSchemaFile {
  fileprivate static func dense(
    _ section: Section<ClickSchemaKey>, _ format: Format, defaults: ConfigurationNode?
  ) throws -> [Dense] {
    var usual = Dense(
      column: "", isLogarithm: format == .criteo, standardize: false, missing: 0, place: section.node.place.description)
    if let defaults { usual = try usual.reading(defaults) }
    let listed = try section.optional(.dense)?.columns(format) ?? []
    if format == .criteo {
      return try criteoColumns[1...13].map { name in
        try usual.named(name, listed.first { $0.name == name }, section.node)
      } + listed.filter { !criteoColumns[1...13].contains($0.name) }.map { try usual.named($0.name, $0, section.node) }
    }
    return try listed.map { try usual.named($0.name, $0, section.node) }
  }

  fileprivate static func ids(
    _ section: Section<ClickSchemaKey>, _ format: Format, defaults: ConfigurationNode?
  ) throws -> [ID] {
    let listed = try section.optional(.ids)?.columns(format) ?? []
    if format == .libsvm {
      if let defaults { throw defaults.error("defaults.ids means nothing with format libsvm: its ids are indices") }
      return try ranges(listed)
    }
    if let defaults { try Section<ClickIDKey>(defaults).refuseValues("is of a column, not of all") }
    let usual = try defaults.map(ID.Encoding.init) ?? (format == .criteo ? .hash(buckets: criteoBuckets) : nil)
    if format == .criteo {
      return try criteoColumns[14...].map { name in
        try ID(name, listed.first { $0.name == name }, usual, section.node)
      } + listed.filter { !criteoColumns[14...].contains($0.name) }.map { try ID($0.name, $0, usual, section.node) }
    }
    let ids = try listed.map { try ID($0.name, $0, usual, section.node) }
    for column in listed where format != .csv {
      guard let value = column.value, value.isGiven else { continue }
      try Section<ClickIDKey>(value).refuseValues("is for format csv: in libffm data a field has one index a line")
    }
    return ids
  }

  /// `[1-5, 6-13]`: each field's features, of which a line holds one at most.
  private static func ranges(_ listed: [NamedColumn]) throws -> [ID] {
    var taken: [(ClosedRange<Int>, String)] = []
    return try listed.map { column in
      let parts = column.name.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let low = parts.first ?? nil, let high = parts.last ?? nil, parts.count <= 2, low >= 0, high >= low,
        high < Int(Int32.max)
      else {
        throw ConfigurationError(
          column.place, "ids of libsvm data are ranges of indices, such as 14-113, not '\(column.name)'")
      }
      if let value = column.value, value.isGiven {
        throw value.error("\(value.path) takes no encoding with format libsvm: the range says it all")
      }
      if let other = taken.first(where: { $0.0.overlaps(low...high) }) {
        throw ConfigurationError(column.place, "the indices \(column.name) overlap those of \(other.1)")
      }
      taken.append((low...high, column.name))
      return ID(column: column.name, encoding: .indices(low...high), place: column.place.description)
    }
  }
}

extension ClickSchemaFile.Dense {
  fileprivate func named(_ name: String, _ column: NamedColumn?, _ node: ConfigurationNode) throws -> Self {
    var dense = self
    if let value = column?.value { dense = try reading(value) }
    dense.column = name
    dense.place = (column?.place ?? node.place).description
    return dense
  }

  fileprivate func reading(_ node: ConfigurationNode) throws -> Self {
    let section = try Section<ClickDenseKey>(node)
    var dense = self
    if let transform = try section[.transform]?.choice(ClickTransform.self) { dense.isLogarithm = transform == .log }
    dense.standardize = try section[.standardize]?.flag() ?? dense.standardize
    dense.missing = try section[.missing]?.number(NumberRule(words: "a number") { _ in true }) ?? dense.missing
    return dense
  }
}

extension ClickSchemaFile.ID {
  fileprivate init(_ name: String, _ column: NamedColumn?, _ usual: Encoding?, _ node: ConfigurationNode) throws {
    let place = column?.place ?? node.place
    self.init(column: name, encoding: .integer(cardinality: 1), place: place.description)
    let given = try column?.value.flatMap { $0.isGiven ? try Section<ClickIDKey>($0) : nil }
    values = try given?.optional(.values).map(ClickValues.init)
    if let given, values == nil || given.hasEncoding {
      encoding = try Encoding(given.node)
    } else if let usual {
      encoding = usual
    } else {
      throw ConfigurationError(
        place, "the id column '\(name)' has no encoding: give it one, such as {hash: 1000}, or set defaults.ids")
    }
  }
}

extension ClickSchemaFile.ID.Encoding {
  fileprivate var leastCardinality: Int {
    switch self {
    case .integer(let cardinality): cardinality
    case .hash(let buckets): buckets
    case .vocabulary: 1
    // Empty text has an id of its own.
    case .buckets(let boundaries): boundaries.count + 2
    case .quantiles: 2
    case .indices(let range): range.count + 1
    }
  }

  init(_ node: ConfigurationNode) throws {
    let section = try Section<ClickIDKey>(node)
    let given = ClickIDKey.allCases.filter { $0 != .values && section[$0] != nil }
    guard given.count == 1, let key = given.first, let value = section[key] else {
      throw node.error("\(node.path) needs exactly one of integer, hash, vocabulary, buckets and quantiles")
    }
    switch key {
    case .integer: self = .integer(cardinality: try value.whole())
    case .hash: self = .hash(buckets: try value.whole())
    case .vocabulary: self = .vocabulary(minimumCount: try value.whole())
    case .buckets: self = .buckets(boundaries: try value.boundaries())
    case .quantiles: self = .quantiles(count: try value.whole(in: 1...65_536))
    case .values: preconditionFailure("no encoding")
    }
  }
}

extension Section<ClickIDKey> {
  fileprivate var hasEncoding: Bool { ClickIDKey.allCases.contains { $0 != .values && self[$0] != nil } }

  fileprivate func refuseValues(_ reason: String) throws {
    if let values = self[.values] { throw values.error("\(values.path) \(reason)") }
  }
}

extension ClickValues {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<ClickValuesKey>(node)
    let separator = try section.required(.separator)
    let text = try separator.separator()
    guard text.utf8.count == 1 else {
      throw separator.error("\(separator.path) is '\(try separator.text())', but must be one character, or tab")
    }
    self.init(
      separator: text, atMost: try section.required(.atMost).whole(in: Self.counts),
      pooling: try section.required(.pooling).choice())
  }
}

extension ClickSchemaFile.Label {
  fileprivate init(_ node: ConfigurationNode, _ format: ClickSchemaFile.Format) throws {
    let usual = ClickSchemaFile.firstColumn
    if case .scalar = node.content {
      self.init(column: try node.text(), positive: nil, place: node.place.description)
    } else {
      let section = try Section<ClickLabelKey>(node)
      let column = format.namesLabel ? try section.required(.column) : section[.column]
      self.init(
        column: try column?.text() ?? usual, positive: try section.optional(.positive)?.names(),
        place: (column ?? node).place.description)
    }
    guard format.namesLabel || column == usual else {
      throw node.error("with format \(format.rawValue) the label is the first field: remove its column's name")
    }
  }
}

extension ClickSchemaFile.Allowance {
  fileprivate init(_ section: Section<ClickAllowKey>) throws {
    let share = NumberRule(words: "a share from 0 to 1") { 0...1 ~= $0 }
    self.init(
      unknown: try section.optional(.unknown)?.number(share), oneClass: try section[.oneClass]?.flag() ?? false)
  }
}

extension ClickSchemaFile.Split {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<ClickSplitKey>(node)
    let column = try section.required(.column)
    self.init(
      column: try column.text(), train: try section.required(.train).names(),
      validation: try section.optional(.validation)?.names() ?? [], test: try section.optional(.test)?.names() ?? [],
      place: column.place.description)
    var seen: Set<String> = []
    for value in train + validation + test where !seen.insert(value).inserted {
      throw node.error("\(node.path) gives the value '\(value)' twice")
    }
  }
}

/// A column that a schema file names, with what it says about it.
struct NamedColumn {
  var name: String
  var place: ConfigurationPlace
  var value: ConfigurationNode?
}

extension ConfigurationNode {
  fileprivate var isGiven: Bool {
    if case .empty = content { return false }
    return true
  }

  /// A list of names, or a section of names with what each becomes.
  fileprivate func columns(_ format: ClickSchemaFile.Format) throws -> [NamedColumn] {
    var columns: [NamedColumn]
    if case .section(let entries) = content {
      columns = entries.map { NamedColumn(name: $0.key, place: $0.place, value: $0.value) }
    } else {
      columns = try list(example: "[age, hour], or a section of columns") { item in
        NamedColumn(name: try item.text(), place: item.place, value: nil)
      }
    }
    if format == .numpy { columns = try columns.flatMap { try $0.columnsOfRange() } }
    var seen: Set<String> = []
    for column in columns where !seen.insert(column.name).inserted {
      throw ConfigurationError(column.place, "the column '\(column.name)' stands here twice")
    }
    return columns
  }

  /// Texts, each once; a single one needs no brackets.
  fileprivate func names() throws -> [String] {
    if case .scalar = content { return [try text()] }
    return try axis(example: "[\"0\", \"1\"]") { try $0.text() }
  }

  /// Bytes of the longest separator.
  private static let longestSeparator = 8

  fileprivate func separator() throws -> String {
    if case .scalar("", _) = content {
      throw error("\(path) is empty: give what stands between two fields, such as ';' or '||', or tab")
    }
    let text = try text()
    if text == "tab" { return "\t" }
    if text.contains("\\t") { throw error("\(path) is '\(text)': write a tab within it in double quotes, \"\(text)\"") }
    guard text.utf8.count <= Self.longestSeparator, !text.utf8.contains(where: "\"\r\n".utf8.contains) else {
      throw error(
        "\(path) is '\(text.shown)', but must be one character or a few, none of them a quote or a line break, or tab")
    }
    return text
  }

  fileprivate func boundaries() throws -> [Double] {
    let values = try list(example: "[18, 30, 45]") { try $0.number(NumberRule(words: "a number") { _ in true }) }
    for (first, second) in zip(values, values.dropFirst()) where first >= second {
      throw error("\(path) must rise, but \(second) follows \(first)")
    }
    return values
  }
}
