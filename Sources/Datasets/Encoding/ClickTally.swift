import Buffers

/// Counts over the rows of one split: made where they are encoded, so that a conversion can show what it made. Parts
/// are joined in the order of the text.
///
/// Conversion must not become slower by it: loops are over plain memory, and each field is in one of two.
final class ClickTally {
  private(set) var rows = 0
  private(set) var positives = 0
  /// Where any text may be a label: which there were.
  private(set) var labels: ClickLabelTexts?
  let ranges: ClickRanges
  /// Of the weights, where samples have them.
  let weights: ClickRanges
  /// Texts of each id of a record that its vocabulary lacks.
  private let unknown: UnsafeMutableBufferPointer<Int>
  /// Ids of a record that may stand for no value, and the row of the table that does.
  private let bagColumns: [(column: Int, absent: Int32)]
  /// How often each of them did.
  private var absent: [Int]
  /// Rows of each column with several values that have more than are used.
  private(set) var cut: [Int]
  /// The first rows.
  private(set) var examples: [ClickExample] = []
  /// Ids of the fields without a vocabulary. Shared by all parts; nil for a table too large to keep a bit of each row.
  let seen: ClickSeenIDs?
  private let layout: ClickRecordLayout
  /// Fields with a vocabulary, and the row of the table that stands for what each lacks.
  private let vocabularies: UnsafeMutableBufferPointer<(field: Int, unknown: Int32)>
  /// Fields without.
  private let others: UnsafeMutableBufferPointer<Int>
  /// Of each field, its ids' places in a record.
  private let columns: [[Int]]
  /// Of each id of a record, where its field's rows begin.
  private let offsets: [Int]

  static let shownRows = 3

  init(_ schema: ClickSchema, _ seen: ClickSeenIDs?) {
    self.seen = seen
    layout = schema.layout
    labels = schema.label.positive.map { ClickLabelTexts($0) }
    ranges = ClickRanges(layout.dense)
    weights = ClickRanges(layout.isWeighted ? 1 : 0)
    unknown = .allocate(capacity: layout.fields)
    unknown.initialize(repeating: 0)
    let ids = schema.idFields
    let (columns, starts) = (ids.columnFields, ids.offsets)
    self.columns = columns.indices.reduce(into: ids.names.map { _ in [] }) { $0[columns[$1]].append($1) }
    let offsets = columns.map { starts[$0] }
    self.offsets = offsets
    bagColumns = columns.indices.filter { ids.bag(columns[$0]) != nil }.map {
      ($0, Int32(truncatingIfNeeded: offsets[$0] + ids.cardinalities[columns[$0]] - 1))
    }
    absent = bagColumns.map { _ in 0 }
    cut = (ids.bags ?? []).map { _ in 0 }
    let hasVocabulary = { (column: Int) in
      if case .vocabulary = schema.fields[columns[column]].encoding { true } else { false }
    }
    let found = columns.indices.filter(hasVocabulary).map { ($0, Int32(truncatingIfNeeded: offsets[$0])) }
    vocabularies = .allocate(capacity: found.count)
    _ = vocabularies.initialize(from: found)
    others = .allocate(capacity: layout.fields - found.count)
    _ = others.initialize(from: columns.indices.filter { !hasVocabulary($0) })
  }

  deinit {
    unknown.deallocate()
    vocabularies.deallocate()
    others.deallocate()
  }

  func clear() {
    (rows, positives) = (0, 0)
    labels?.clear()
    ranges.clear()
    weights.clear()
    unknown.update(repeating: 0)
    for index in absent.indices { absent[index] = 0 }
    for index in cut.indices { cut[index] = 0 }
    examples.removeAll(keepingCapacity: true)
  }

  /// - Parameters:
  ///   - texts: label, dense columns, id columns, weight.
  ///   - record: what they became.
  ///   - isExample: whether the row may be one of those that are shown.
  ///   - comparesIDs: whether `seen` gets its ids.
  @inline(__always)
  func add(_ texts: UnsafePointer<TextSpan>, _ record: UnsafeRawPointer, isExample: Bool, comparesIDs: Bool) {
    let ids = (record + layout.idsOffset).assumingMemoryBound(to: Int32.self)
    ranges.add(texts + 1, (record + layout.denseOffset).assumingMemoryBound(to: Float.self))
    if layout.isWeighted {
      weights.add(
        texts + 1 + layout.dense + layout.fields + cut.count,
        (record + layout.weightOffset).assumingMemoryBound(to: Float.self))
    }
    if comparesIDs { seen?.insert(ids, fields: others) }
    if labels != nil { labels?.add(texts[0]) }
    if isExample, rows < Self.shownRows { addExample(texts, record) }
    for index in cut.indices where texts[1 + layout.dense + layout.fields + index].count > 0 { cut[index] += 1 }
    positives &+= Int(record.loadUnaligned(as: Int32.self))
    addUnknown(ids)
  }

  /// A row's ids alone.
  @inline(__always)
  func addUnknown(_ ids: UnsafePointer<Int32>) {
    for place in vocabularies where ids[place.field] == place.unknown { unknown[place.field] &+= 1 }
    for (index, place) in bagColumns.enumerated() where ids[place.column] == place.absent { absent[index] += 1 }
    rows &+= 1
  }

  func join(_ other: ClickTally) {
    if let more = other.labels { labels?.join(more) }
    ranges.join(other.ranges)
    weights.join(other.weights)
    for index in unknown.indices { unknown[index] += other.unknown[index] }
    for index in absent.indices { absent[index] += other.absent[index] }
    for index in cut.indices { cut[index] += other.cut[index] }
    examples += other.examples.prefix(Self.shownRows - examples.count)
    rows += other.rows
    positives += other.positives
  }

  /// Texts of a field that its vocabulary lacks, of how many: rows, or the values in them.
  func unknown(ofField field: Int) -> (unknown: Int, of: Int) {
    let columns = columns[field]
    let absent = zip(bagColumns, absent).filter { columns.contains($0.0.column) }.reduce(0) { $0 + $1.1 }
    return (columns.reduce(0) { $0 + unknown[$1] }, columns.count * rows - absent)
  }

  private func addExample(_ texts: UnsafePointer<TextSpan>, _ record: UnsafeRawPointer) {
    let values = (record + layout.denseOffset).assumingMemoryBound(to: Float.self)
    let numbers = (record + layout.idsOffset).assumingMemoryBound(to: Int32.self)
    let first = 1 + layout.dense
    // Of each field, the ids of a value.
    let fields = columns.map { $0.filter { !texts[first + $0].isAbsent } }
    examples.append(
      ClickExample(
        texts: (0..<first).map { texts[$0].excerpt }
          + fields.map { $0.map { texts[first + $0].excerpt }.joined(separator: " ") },
        label: Int(record.loadUnaligned(as: Int32.self)), dense: (0..<layout.dense).map { values[$0] },
        ids: fields.map { $0.map { Int(numbers[$0]) - offsets[$0] } }))
  }
}

/// A row as it was understood.
public struct ClickExample: Equatable, Sendable {
  /// Label, dense columns, id columns (the values of one side by side); of long texts the beginning.
  public var texts: [String]
  /// 0 or 1.
  public var label: Int
  /// As a model gets them.
  public var dense: [Float]
  /// Of each field, those of its values, from 0.
  public var ids: [[Int]]
}
