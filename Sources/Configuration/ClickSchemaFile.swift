/// The contents of a schema file about click data in text: its form, and what each column becomes. Nothing in it was
/// learnt from data. `docs/click-format.md` describes the file.
public struct ClickSchemaFile: Equatable, Sendable {
  /// The forms of text that can be read; `docs/click-format.md` shows a line of each.
  public enum Format: String, CaseIterable, Sendable {
    /// Tab-separated, no header: label, 13 whole numbers I1 … I13, 26 hexadecimal ids C1 … C26.
    case criteo
    /// One row a line, its fields between separators; names in the first line, or in `columns`.
    case csv
    /// `label index:value …`
    case libsvm
    /// `label field:index:value …`
    case libffm
    /// NumPy's arrays: columns are named by their array and their place in it.
    case numpy

    /// Whether the schema says which column is the label; in the others it is the first field.
    var namesLabel: Bool { self == .csv || self == .numpy }
  }

  /// The column that holds what is to be predicted.
  public struct Label: Equatable, Sendable {
    /// Its name.
    public var column: String
    /// Texts that mean 1, all others 0; nil: the text is `0` or `1` itself.
    public var positive: [String]?
    /// File and line of the key, for errors.
    public var place: String
  }

  /// The column that holds each sample's weight in the loss: numbers from 0 up.
  public struct Weight: Equatable, Sendable {
    /// Its name.
    public var column: String
    /// File and line of the key, for errors.
    public var place: String
  }

  /// A column whose text says to which split its row belongs.
  public struct Split: Equatable, Sendable {
    /// Its name.
    public var column: String
    /// Texts of rows for training.
    public var train: [String]
    /// Texts of rows for validation.
    public var validation: [String]
    /// Texts of rows for the test.
    public var test: [String]
    /// File and line of the key, for errors.
    public var place: String
  }

  /// A column of numbers that models get as they are, after a transformation.
  public struct Dense: Equatable, Sendable {
    /// Its name.
    public var column: String
    /// Whether sign(x) · ln(1 + |x|) takes the number's place, before standardising.
    public var isLogarithm: Bool
    /// Whether the training rows' mean is subtracted and their standard deviation divided by.
    public var standardize: Bool
    /// The number that stands in for an empty text.
    public var missing: Double
    /// File and line of the key, for errors.
    public var place: String
  }

  /// A column of categories, each of which becomes a row of a table.
  public struct ID: Equatable, Sendable {
    /// How a text becomes a number from 0 up to the field's cardinality − 1.
    public enum Encoding: Equatable, Sendable {
      /// The text is the id: a whole number from 0 to `cardinality` − 1.
      case integer(cardinality: Int)
      /// FNV-1a of the text, mixed, modulo `buckets`.
      case hash(buckets: Int)
      /// The place, from 1, among the training split's texts that occur at least so often; 0 for all others.
      case vocabulary(minimumCount: Int)
      /// The number of rising boundaries that are not above the number; one id more for empty text.
      case buckets(boundaries: [Double])
      /// As `buckets`, with boundaries that part the training split's numbers into so many equal shares.
      case quantiles(count: Int)
      /// libsvm: which one of these indices the line holds, counted from 1; 0 for none.
      case indices(ClosedRange<Int>)
    }
    /// Its name.
    public var column: String
    /// How its texts become numbers.
    public var encoding: Encoding
    /// How a text holds several values; nil where it is one.
    public var values: ClickValues?
    /// File and line of the key, for errors.
    public var place: String
    /// The id columns whose texts together are its own; nil for a column of the data.
    public var crossed: [String]?
  }

  /// Errors of the data as a whole that a schema file can allow: see `docs/click-data.md`.
  public struct Allowance: Equatable, Sendable {
    /// The largest share of unknown ids that a column may have in a split; nil: some of its ids must be known.
    public var unknown: Double?
    /// Whether all labels of the training split may be alike.
    public var oneClass = false
  }

  /// As the user named it.
  public var file: String
  /// All that it says, as it was read: kept with converted data and with models, so that other text can be encoded as theirs.
  public var text = ""
  /// Name of the data set, for people and records.
  public var name: String
  /// The form of the text.
  public var format: Format
  /// Stands between two fields: nearly always one character.
  public var separator: String
  /// Whether blanks around a field are no part of it.
  public var trim: Bool
  /// Lines that begin with this text are passed over.
  public var comment: String?
  /// Names of the fields where files have no header line.
  public var columns: [String]?
  /// The column to predict.
  public var label: Label
  /// The column of weights; nil where all samples weigh 1.
  public var weight: Weight?
  /// The column that divides the rows; nil where files or folders do.
  public var split: Split?
  /// The columns of numbers, in the order in which a sample has them.
  public var dense: [Dense]
  /// The columns of categories, in the order in which a sample has them; crosses come last.
  public var ids: [ID]
  /// The errors that are allowed; none unless the file says so.
  public var allow = Allowance()
  /// Texts of columns of numbers and categories that mean the same as none.
  public var missing: [String] = []
}

enum ClickSchemaKey: String, SectionKey {
  case name, format, separator, trim, comment, columns, label, weight, split, defaults, dense, ids, crosses, allow,
    missing
}
enum ClickLabelKey: String, SectionKey { case column, positive }
enum ClickSplitKey: String, SectionKey { case column, train, validation, test }
enum ClickAllowKey: String, SectionKey { case unknown, oneClass }
enum ClickDefaultsKey: String, SectionKey { case dense, ids }
enum ClickDenseKey: String, SectionKey { case transform, standardize, missing }
enum ClickIDKey: String, SectionKey { case integer, hash, vocabulary, buckets, quantiles, values }
enum ClickCrossKey: String, SectionKey { case columns, hash, vocabulary }
enum ClickTransform: String, CaseIterable { case none, log }
