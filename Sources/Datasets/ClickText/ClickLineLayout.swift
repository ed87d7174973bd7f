import Configuration

/// How the lines of one file are taken apart: which of their fields are used, and where each goes. The texts of a line
/// are numbered: 0 the label, then the dense columns, the id columns (one for each value of those that hold several, and behind
/// all of them one for what each leaves out), where there are such the weight and the split column, and the columns that are
/// only carried along.
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
  /// The first byte of the separator, how many it has, nearly always one, and those behind the first.
  let separator: UInt8
  let separatorSize: Int
  let separatorRest: [UInt8]
  let hasQuotes: Bool
  let trims: Bool
  let comment: [UInt8]
  /// Texts that stand for an empty one, but for labels and splits.
  let missing: [[UInt8]]
  let labels: ClickLabels
  /// Nil where files are text.
  let arrays: ClickArrayPlan?
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
  /// Texts that are made of others: the last of the id columns.
  let crosses: UnsafeMutableBufferPointer<ClickCross>
  /// Nil where no line can be taken for one.
  let header: ClickHeaderLine?
  /// Sorted.
  let ranges: UnsafeMutableBufferPointer<Range>
  /// Where the split's text is; nil where files have one split each.
  let splitText: Int?
  let splitValues: [(text: String, bytes: [UInt8], split: ClickSplit)]
  /// Texts that are handed on as they are.
  let carried: Swift.Range<Int>
  /// Texts of the dense and id columns that are columns of the data.
  let values: Swift.Range<Int>

  /// - Parameters:
  ///   - columns: the names of the file's fields; nil where they have none.
  ///   - carried: names of those that are handed on as they are.
  init(_ schema: ClickSchemaFile, columns: [String]?, labels: ClickLabels, carried: [String] = []) {
    self.labels = labels
    arrays = ClickArrayPlan(schema, labels, carried: carried)
    hasHeader = schema.format == .csv && schema.columns == nil
    form = schema.format == .libsvm ? .pairs : schema.format == .libffm ? .triples : .delimited
    let bytes = Array((form == .delimited ? schema.separator : " ").utf8)
    (separator, separatorSize, separatorRest) = (bytes[0], bytes.count, Array(bytes.dropFirst()))
    hasQuotes = schema.format == .csv
    trims = schema.trim
    comment = Array((schema.comment ?? (form == .delimited ? "" : "#")).utf8)
    missing = schema.missing.map { Array($0.utf8) }
    let ids = schema.ids.flatMap { [String](repeating: $0.column, count: $0.texts) }
    bags = ClickBag.all(of: schema)
    let inputs = schema.dense.map(\.column) + ids
    let rests = schema.ids.filter { $0.values != nil }.map(\.column)
    let before = [schema.label.column] + inputs + rests + [schema.weight?.column].compactMap { $0 }
    names = before + [schema.split?.column].compactMap { $0 } + carried
    values = 1..<1 + inputs.count - schema.ids.count { $0.crossed != nil }
    splitText = schema.split == nil ? nil : before.count
    self.carried = names.count - carried.count..<names.count
    splitValues =
      schema.split.map { split in
        let values = { (texts: [String], part: ClickSplit) in texts.map { ($0, Array($0.utf8), part) } }
        return values(split.train, .train) + values(split.validation, .validation) + values(split.test, .test)
      } ?? []
    fieldCount = columns?.count ?? 0
    targets = .allocate(capacity: fieldCount)
    targets.initialize(repeating: -1)
    var copies: [(from: Int, to: Int)] = []
    let joined = ClickCross.all(of: schema)
    crosses = .allocate(capacity: joined.count)
    _ = crosses.initialize(from: joined)
    let own = names.indices.filter { text in !joined.contains { $0.text == text } }
    for text in own {
      guard let field = columns?.firstIndex(of: names[text]) else { continue }
      if targets[field] >= 0 { copies.append((Int(targets[field]), text)) } else { targets[field] = Int32(text) }
    }
    self.copies = copies
    header = columns.flatMap { [names] in ClickHeaderLine(names, own, columns: $0, schema.label) }
    let found = form == .delimited ? [] : Self.ranges(schema)
    ranges = .allocate(capacity: found.count)
    _ = ranges.initialize(from: found)
  }

  deinit {
    for cross in crosses { cross.parts.deallocate() }
    crosses.deallocate()
    targets.deallocate()
    ranges.deallocate()
  }

  var textCount: Int { names.count }

  private static func ranges(_ schema: ClickSchemaFile) -> [Range] {
    let dense = schema.dense.enumerated().map { index, column in
      let number = Int(column.column) ?? -1
      return Range(low: number, high: number, text: 1 + index, isID: false)
    }
    let ids = schema.ids.filter { $0.crossed == nil }.enumerated().map { index, column in
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
