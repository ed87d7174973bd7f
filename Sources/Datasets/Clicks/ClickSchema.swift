import Buffers
import Configuration

/// The columns of click data and how their text becomes numbers, with everything that was learnt from the training
/// split: stored in every converted file, so that other data (another day, a request) is encoded the same way.
public struct ClickSchema: Encodable, Equatable, Sendable {
  /// Name of the data set.
  public var name: String
  /// The column of labels.
  public var label: Label
  /// The column of each sample's weight in the loss; nil where all weigh 1.
  public var weight: String?
  /// Columns whose values a model sees as numbers, in the order of a record.
  public var dense: [DenseColumn]
  /// Columns of ids, in the order of a record.
  public var fields: [IDColumn]

  /// Where labels are, and which are 1.
  public struct Label: Encodable, Equatable, Sendable {
    /// The column's name; in formats without names, its number from 0.
    public var column: String
    /// Texts that mean 1; nil: the text is `0` or `1` itself.
    public var positive: [String]?

    /// - Parameter positive: nil where labels are written 0 and 1.
    public init(column: String, positive: [String]? = nil) {
      self.column = column
      self.positive = positive
    }
  }

  /// A number: (t(x) − `mean`) ÷ `deviation`, or what `missing` gives where the text is empty.
  public struct DenseColumn: Encodable, Equatable, Sendable {
    /// The function of a number before it is standardised.
    public enum Transform: String, Encodable, CaseIterable, Sendable {
      /// The number as it is.
      case none
      /// sign(x) · ln(1 + |x|)
      case log
    }
    /// Its name.
    public var column: String
    /// Before standardising.
    public var transform: Transform
    /// True where mean and deviation are to be learnt from the training split, and then were.
    public var standardize: Bool
    /// Mean of the transformed values; 0 where they are not standardised.
    public var mean: Double
    /// Standard deviation of the transformed values; 1 where they are not standardised.
    public var deviation: Double
    /// Stands for an empty text, before the transform.
    public var missing: Double

    /// Mean 0 and deviation 1 leave values as they are.
    public init(
      column: String, transform: Transform = .none, standardize: Bool = false, mean: Double = 0, deviation: Double = 1,
      missing: Double = 0
    ) {
      self.column = column
      self.transform = transform
      self.standardize = standardize
      self.mean = mean
      self.deviation = deviation
      self.missing = missing
    }
  }

  /// A column of ids.
  public struct IDColumn: Encodable, Equatable, Sendable {
    /// How text becomes an id.
    public enum Encoding: Encodable, Equatable, Sendable {
      /// The text is the id: a whole number in 0..<cardinality.
      case integer(cardinality: Int)
      /// A hash of the text, in 0..<buckets.
      case hash(buckets: Int)
      /// Id 0 is what is not listed; the n-th text has id n, from 1. Empty until it is learnt: all texts that the
      /// training split holds at least `minimumCount` times, in the order of their bytes.
      case vocabulary(minimumCount: Int, texts: [String])
      /// A number: the id is how many boundaries, which rise, are not above it; the last id is empty text.
      /// `quantiles`: 0 where the boundaries are given; else they are learnt, to part the training split's numbers into
      /// so many equal shares, and empty until then.
      case buckets(boundaries: [Double], quantiles: Int)
    }
    /// Its name.
    public var column: String
    /// How its text, or each of its values, becomes an id.
    public var encoding: Encoding
    /// Nil where a text is one value.
    public var values: ClickValues?
    /// The id columns whose texts together are its own; nil for a column of the data.
    public var crossed: [String]?

    /// - Parameters:
    ///   - encoding: with what was learnt, where there is something to learn.
    ///   - values: nil where a text is one value.
    public init(column: String, encoding: Encoding, values: ClickValues? = nil, crossed: [String]? = nil) {
      self.column = column
      self.encoding = encoding
      self.values = values
      self.crossed = crossed
    }

    /// Ids there are, each of which is less; the last of a field with several values stands for none.
    public var cardinality: Int { valueIDs + (values == nil ? 0 : 1) }

    /// Ids that a value may have.
    var valueIDs: Int {
      switch encoding {
      case .integer(let cardinality): cardinality
      case .hash(let buckets): buckets
      case .vocabulary(_, let texts): texts.count + 1
      case .buckets(let boundaries, _): boundaries.count + 2
      }
    }
  }

  /// - Parameters:
  ///   - weight: nil where samples have none.
  ///   - dense: no column twice.
  ///   - fields: no column twice.
  public init(name: String, label: Label, weight: String? = nil, dense: [DenseColumn], fields: [IDColumn]) {
    self.name = name
    self.label = label
    self.weight = weight
    self.dense = dense
    self.fields = fields
  }

  /// The joined table.
  public var idFields: IDFields {
    IDFields(
      names: fields.map(\.column), cardinalities: fields.map(\.cardinality),
      bags: fields.enumerated().compactMap { index, field in
        field.values.map { IDBag(field: index, atMost: $0.atMost, isMean: $0.pooling == .mean) }
      })
  }

  /// Layout of a record.
  public var layout: ClickRecordLayout {
    ClickRecordLayout(dense: dense.count, fields: idFields.columns, isWeighted: weight != nil)
  }
}

/// One sample in a file and in memory: label (UInt32, 0 or 1), dense values (Float32), ids (Int32, rows of the joined
/// table, field offsets added) and, where samples have one, weight (Float32); little-endian, no padding.
public struct ClickRecordLayout: Equatable, Sendable {
  /// Values.
  public let dense: Int
  /// Ids.
  public let fields: Int
  /// Whether a weight follows the ids.
  public let isWeighted: Bool

  /// - Parameters:
  ///   - dense: values.
  ///   - fields: ids.
  ///   - isWeighted: whether a weight follows the ids.
  public init(dense: Int, fields: Int, isWeighted: Bool = false) {
    self.dense = dense
    self.fields = fields
    self.isWeighted = isWeighted
  }

  /// Bytes of a record.
  public var stride: Int { 4 * (1 + dense + fields + (isWeighted ? 1 : 0)) }
  /// Bytes from a record's start, of weighted ones.
  public var weightOffset: Int { 4 * (1 + dense + fields) }
  /// Bytes from a record's start.
  public var denseOffset: Int { 4 }
  /// Bytes from a record's start.
  public var idsOffset: Int { 4 * (1 + dense) }
}
