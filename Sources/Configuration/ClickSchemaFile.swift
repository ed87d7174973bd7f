/// What a schema file says about click data in text: its form, and what each column becomes. Nothing in it was learnt
/// from data. `docs/click-format.md` describes the file.
public struct ClickSchemaFile: Equatable, Sendable {
  public enum Format: String, CaseIterable, Sendable {
    /// Tab-separated, no header: label, 13 whole numbers I1 … I13, 26 hexadecimal ids C1 … C26.
    case criteo
    /// One row a line, its fields between separators; names in the first line, or in `columns`.
    case csv
    /// `label index:value …`
    case libsvm
    /// `label field:index:value …`
    case libffm
  }

  public struct Label: Equatable, Sendable {
    public var column: String
    /// Texts that mean 1, all others 0; nil: the text is `0` or `1` itself.
    public var positive: [String]?
    public var place: String
  }

  /// A column whose text says to which split its row belongs.
  public struct Split: Equatable, Sendable {
    public var column: String
    public var train: [String]
    public var validation: [String]
    public var test: [String]
    public var place: String
  }

  public struct Dense: Equatable, Sendable {
    public var column: String
    public var isLogarithm: Bool
    public var standardize: Bool
    public var missing: Double
    public var place: String
  }

  public struct ID: Equatable, Sendable {
    public enum Encoding: Equatable, Sendable {
      case integer(cardinality: Int)
      case hash(buckets: Int)
      case vocabulary(minimumCount: Int)
      case buckets(boundaries: [Double])
      case quantiles(count: Int)
      /// libsvm: which one of these indices the line holds, counted from 1; 0 for none.
      case indices(ClosedRange<Int>)
    }
    public var column: String
    public var encoding: Encoding
    public var place: String
  }

  /// What would else be an error of the data as a whole: see `docs/click-data.md`.
  public struct Allowance: Equatable, Sendable {
    /// The largest share of unknown ids that a column may have in a split; nil: some of its ids must be known.
    public var unknown: Double?
    /// Whether all labels of the training split may be alike.
    public var oneClass = false
  }

  /// As the user named it.
  public var file: String
  public var name: String
  public var format: Format
  /// One byte.
  public var separator: UInt8
  /// Whether blanks around a field are no part of it.
  public var trim: Bool
  /// Lines that begin with this text are passed over.
  public var comment: String?
  /// Names of the fields where files have no header line.
  public var columns: [String]?
  public var label: Label
  public var split: Split?
  public var dense: [Dense]
  public var ids: [ID]
  public var allow = Allowance()
}

enum ClickSchemaKey: String, SectionKey {
  case name, format, separator, trim, comment, columns, label, split, defaults, dense, ids, allow
}
enum ClickLabelKey: String, SectionKey { case column, positive }
enum ClickSplitKey: String, SectionKey { case column, train, validation, test }
enum ClickAllowKey: String, SectionKey { case unknown, oneClass }
enum ClickDefaultsKey: String, SectionKey { case dense, ids }
enum ClickDenseKey: String, SectionKey { case transform, standardize, missing }
enum ClickIDKey: String, SectionKey { case integer, hash, vocabulary, buckets, quantiles }
enum ClickTransform: String, CaseIterable { case none, log }
