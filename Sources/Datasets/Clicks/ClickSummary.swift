import Configuration

/// The data that text became: where every text is legal nothing can be malformed, and only a person can see that it was
/// understood.
public struct ClickSummary: Sendable {
  /// One split.
  public struct Split: Sendable {
    /// Which.
    public var split: ClickSplit
    /// Samples.
    public var rows: Int
    /// Samples with label 1.
    public var positives: Int
    /// Where any text may be a label: the texts, with how many rows have them; texts that mean 1 come first.
    public var labels: [(text: String, rows: Int)]
    /// How many of `labels` mean 1.
    public var positiveTexts: Int
    /// Rows whose label is yet another text.
    public var otherLabels: Int
    /// A range for each dense column.
    public var dense: [Range]
    /// The range of the weights; nil where samples have none.
    public var weights: Range?
    /// The columns of several values that have rows with more than are used, and how many rows.
    public var cut: [(column: String, rows: Int, atMost: Int)]
    /// A count for each id field.
    public var fields: [Unknown]
    /// The first rows, as they were understood.
    public var examples: [ClickExample]
  }

  /// Values of a dense column, as a model gets it, or weights.
  public struct Range: Sendable {
    /// The smallest value.
    public var least: Float
    /// Over all rows.
    public var mean: Double
    /// The largest value.
    public var greatest: Float
    /// Share of the rows whose text is missing.
    public var missingShare: Double
  }

  /// The part of an id field that training knows nothing about.
  public enum Unknown: Equatable, Sendable {
    /// The rows whose text the vocabulary lacks.
    case rows(Int, of: Int)
    /// Of a column of several values, those that the vocabulary lacks.
    case values(Int, of: Int)
    /// The different ids that no row for training has, of all different ones; of large files in part of the rows.
    case ids(Int, of: Int)
    /// Not counted: the training split itself, or a table too large.
    case notCounted

    /// From 0 to 1.
    public var share: Double? {
      switch self {
      case .rows(let count, let all), .values(let count, let all), .ids(let count, let all):
        all > 0 ? Double(count) / Double(all) : nil
      case .notCounted: nil
      }
    }
  }

  /// With what was learnt.
  public let schema: ClickSchema
  /// Those that have rows.
  public let splits: [Split]
  /// False for rows that belong together, whatever split they are booked under.
  let hasSplits: Bool
  /// Rows whose query (`qid:n`) was left out.
  public let queryRows: Int

  /// Nil where the split has no rows.
  public subscript(split: ClickSplit) -> Split? { splits.first { $0.split == split } }

  /// - Parameter tallies: by split, as `ClickChunk.splits`; none where rows were not looked at.
  init(_ schema: ClickSchema, _ tallies: [ClickTally], hasSplits: Bool = true, queryRows: Int = 0) {
    self.schema = schema
    self.queryRows = queryRows
    self.hasSplits = hasSplits
    let training = tallies.first.flatMap { $0.rows > 0 ? $0 : nil }
    splits = zip(ClickChunk.splits, tallies).filter { $1.rows > 0 }.map { split, tally in
      Split(split, tally, training: split == .train ? nil : training, schema)
    }
  }
}

extension ClickSummary.Split {
  /// - Parameter training: what its ids are compared with.
  fileprivate init(_ split: ClickSplit, _ tally: ClickTally, training: ClickTally?, _ schema: ClickSchema) {
    self.init(
      split: split, rows: tally.rows, positives: tally.positives,
      labels: tally.labels?.texts.map { (TextSpan.excerpt(of: $0.text), $0.count) } ?? [],
      positiveTexts: schema.label.positive?.count ?? 0, otherLabels: tally.labels?.others ?? 0,
      dense: schema.dense.indices.map { tally.ranges.range(of: $0, rows: tally.rows) },
      weights: schema.weight.map { _ in tally.weights.range(of: 0, rows: tally.rows) },
      cut: zip(schema.idFields.bags ?? [], tally.cut).filter { $1 > 0 }.map {
        (schema.fields[$0.field].column, $1, $0.atMost)
      },
      fields: schema.fields.indices.map { Self.unknown($0, tally, training, schema) }, examples: tally.examples)
  }

  private static func unknown(_ index: Int, _ tally: ClickTally, _ training: ClickTally?, _ schema: ClickSchema)
    -> ClickSummary.Unknown
  {
    let field = schema.fields[index]
    if case .vocabulary = field.encoding {
      let (unknown, all) = tally.unknown(ofField: index)
      return field.values == nil ? .rows(unknown, of: all) : .values(unknown, of: all)
    }
    guard let seen = tally.seen, let known = training?.seen else { return .notCounted }
    let first = schema.idFields.offsets[index]
    let (all, new) = seen.count(of: first..<first + field.valueIDs, without: known)
    return .ids(new, of: all)
  }
}

extension TextSpan {
  /// For people.
  static func excerpt(of bytes: [UInt8]) -> String { bytes.withUnsafeBytes { TextSpan($0).excerpt } }
}
