/// The rows of a joined table before and after its vocabularies grew: each known text keeps its row's contents, wherever
/// that lies now, and new ones get rows of their own.
public struct VocabularyGrowth: Equatable, Sendable {
  /// A field with new texts.
  public struct Field: Equatable, Sendable {
    /// Its column.
    public var column: String
    /// Texts that were not known.
    public var new: Int
    /// Texts now.
    public var all: Int
  }

  /// The fields that grew.
  public let fields: [Field]
  /// For each row of the smaller table, its row in the larger one; they rise.
  public let rows: [Int]

  /// - Parameter larger: differs from `schema` in its vocabularies alone.
  /// - Throws: `DatasetError` where one of these lacks a text.
  public init(from schema: ClickSchema, to larger: ClickSchema) throws {
    var (fields, rows) = ([Field](), [Int]())
    rows.reserveCapacity(schema.idFields.rows)
    for (index, (field, other)) in zip(schema.fields, larger.fields).enumerated() {
      let first = larger.idFields.offsets[index]
      let (known, now) = (field.vocabulary, other.vocabulary)
      guard known != now else {
        rows.append(contentsOf: first..<first + field.cardinality)
        continue
      }
      // What is not listed.
      rows.append(first)
      try Self.forEachPlace(of: known, in: now, field.column) { rows.append(first + 1 + $0) }
      // What stands for no value is the last.
      if field.values != nil { rows.append(first + other.cardinality - 1) }
      fields.append(Field(column: field.column, new: now.count - known.count, all: now.count))
    }
    (self.fields, self.rows) = (fields, rows)
  }

  /// Both are in the order of their bytes.
  private static func forEachPlace(
    of known: [String], in texts: [String], _ column: String, _ body: (Int) -> Void
  ) throws {
    var place = 0
    for text in known {
      while place < texts.count, !text.utf8.elementsEqual(texts[place].utf8) { place += 1 }
      guard place < texts.count else {
        throw DatasetError(
          "the vocabulary of '\(column)' lacks texts that the model knows, such as '\(text)': convert the data with --like "
            + "and the model's own data, and --grow")
      }
      body(place)
      place += 1
    }
  }

  /// For people: how many texts of which fields are new.
  public var words: String {
    fields.map { "\($0.new) of the \($0.all) texts of '\($0.column)'" }.joined(separator: ", ")
  }
}

extension ClickSchema {
  /// This schema, with all texts that the vocabularies of another one hold besides its own: what else that one has learnt
  /// does not matter.
  package func joined(with other: ClickSchema) -> ClickSchema {
    var schema = self
    for index in fields.indices {
      guard case .vocabulary(let minimum, let texts) = fields[index].encoding else { continue }
      schema.fields[index].encoding = .vocabulary(
        minimumCount: minimum, texts: Self.union(texts, other.fields[index].vocabulary))
    }
    return schema
  }

  /// Of two lists in the order of their bytes.
  private static func union(_ first: [String], _ second: [String]) -> [String] {
    var union: [String] = []
    union.reserveCapacity(max(first.count, second.count))
    var (rest, others) = (first[...], second[...])
    while let text = rest.first, let other = others.first {
      let isEqual = text.utf8.elementsEqual(other.utf8)
      let isFirst = isEqual || text.utf8.lexicographicallyPrecedes(other.utf8)
      union.append(isFirst ? text : other)
      if isFirst { rest = rest.dropFirst() }
      if isEqual || !isFirst { others = others.dropFirst() }
    }
    return union + rest + others
  }
}
