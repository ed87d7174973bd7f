import Configuration

/// The part that labels play in the lines of a text.
enum ClickLabels {
  /// Every line has one, which is read.
  case needed
  /// Every line has one, unless the file's own header says otherwise; it is not looked at.
  case ignored
  /// There are none.
  case absent
}

/// How the lines of one file are taken apart: which of their fields are used, and where each goes. The texts of a line
/// are numbered: 0 the label, then the dense columns, the id columns (one for each value of those that hold several, and behind
/// all of them one for what each leaves out) and, where there are such, the weight and the split column.
final class ClickLineLayout: @unchecked Sendable {
  // Unchecked: nothing writes to it once it is made.

  enum Form { case delimited, pairs, triples }

  /// A field of libsvm or libffm data: a range of its indices.
  struct Range {
    var low: Int
    var high: Int
    var text: Int
    var isID: Bool
  }

  let form: Form
  let separator: UInt8
  let hasQuotes: Bool
  let trims: Bool
  let comment: [UInt8]
  /// Texts that stand for an empty one, but for labels and splits.
  let missing: [[UInt8]]
  let labels: ClickLabels
  /// Whether the file said its columns itself.
  let hasHeader: Bool
  /// Name of each text.
  let names: [String]
  /// Fields of a delimited line.
  let fieldCount: Int
  /// For each field of a delimited line, the text that it is, or −1.
  let targets: UnsafeMutableBufferPointer<Int32>
  /// Texts that are the same field as an earlier one.
  let copies: [(from: Int, to: Int)]
  /// Columns that hold several values.
  let bags: [ClickBag]
  /// Nil where no line can be taken for one.
  let header: ClickHeaderLine?
  /// Sorted.
  let ranges: UnsafeMutableBufferPointer<Range>
  /// Texts of the dense and id columns.
  let values: Swift.Range<Int>
  /// Where the split's text is; nil where files have one split each.
  let splitText: Int?
  let splitValues: [(text: String, bytes: [UInt8], split: ClickSplit)]

  /// - Parameter columns: the names of the file's fields; nil where they have none.
  init(_ schema: ClickSchemaFile, columns: [String]?, labels: ClickLabels) {
    self.labels = labels
    hasHeader = schema.format == .csv && schema.columns == nil
    form = schema.format == .libsvm ? .pairs : schema.format == .libffm ? .triples : .delimited
    separator = form == .delimited ? schema.separator : UInt8(ascii: " ")
    hasQuotes = schema.format == .csv
    trims = schema.trim
    comment = Array((schema.comment ?? (form == .delimited ? "" : "#")).utf8)
    missing = schema.missing.map { Array($0.utf8) }
    let ids = schema.ids.flatMap { [String](repeating: $0.column, count: $0.values?.atMost ?? 1) }
    bags = ClickBag.all(of: schema)
    let inputs = schema.dense.map(\.column) + ids
    let rests = schema.ids.filter { $0.values != nil }.map(\.column)
    names = [schema.label.column] + inputs + rests + [schema.weight?.column, schema.split?.column].compactMap { $0 }
    values = 1..<1 + inputs.count
    splitText = schema.split == nil ? nil : names.count - 1
    splitValues =
      schema.split.map { split in
        let values = { (texts: [String], part: ClickSplit) in texts.map { ($0, Array($0.utf8), part) } }
        return values(split.train, .train) + values(split.validation, .validation) + values(split.test, .test)
      } ?? []
    fieldCount = columns?.count ?? 0
    targets = .allocate(capacity: fieldCount)
    targets.initialize(repeating: -1)
    var copies: [(from: Int, to: Int)] = []
    for (text, name) in names.enumerated() {
      guard let field = columns?.firstIndex(of: name) else { continue }
      if targets[field] >= 0 { copies.append((Int(targets[field]), text)) } else { targets[field] = Int32(text) }
    }
    self.copies = copies
    header = columns.flatMap { [names] in ClickHeaderLine(names, columns: $0, schema.label) }
    let found = form == .delimited ? [] : Self.ranges(schema)
    ranges = .allocate(capacity: found.count)
    _ = ranges.initialize(from: found)
  }

  deinit {
    targets.deallocate()
    ranges.deallocate()
  }

  var textCount: Int { names.count }

  private static func ranges(_ schema: ClickSchemaFile) -> [Range] {
    let dense = schema.dense.enumerated().map { index, column in
      let number = Int(column.column) ?? -1
      return Range(low: number, high: number, text: 1 + index, isID: false)
    }
    let ids = schema.ids.enumerated().map { index, column in
      let number = Int(column.column) ?? -1
      var range = Range(low: number, high: number, text: 1 + schema.dense.count + index, isID: true)
      if case .indices(let indices) = column.encoding {
        (range.low, range.high) = (indices.lowerBound, indices.upperBound)
      }
      return range
    }
    return (dense + ids).sorted { $0.low < $1.low }
  }
}
