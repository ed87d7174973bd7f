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
  /// Rows of each id field whose text its vocabulary lacks.
  let unknown: UnsafeMutableBufferPointer<Int>
  /// The first rows.
  private(set) var examples: [ClickExample] = []
  /// Ids of the fields without a vocabulary. Shared by all parts; nil for a table too large to keep a bit of each row.
  let seen: ClickSeenIDs?
  private let layout: ClickRecordLayout
  /// Fields with a vocabulary, and the row of the table that stands for what each lacks.
  private let vocabularies: UnsafeMutableBufferPointer<(field: Int, unknown: Int32)>
  /// Fields without.
  private let others: UnsafeMutableBufferPointer<Int>
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
    let offsets = schema.idFields.offsets
    self.offsets = offsets
    let hasVocabulary = { (field: Int) in
      if case .vocabulary = schema.fields[field].encoding { true } else { false }
    }
    let found = schema.fields.indices.filter(hasVocabulary).map { ($0, Int32(truncatingIfNeeded: offsets[$0])) }
    vocabularies = .allocate(capacity: found.count)
    _ = vocabularies.initialize(from: found)
    others = .allocate(capacity: layout.fields - found.count)
    _ = others.initialize(from: schema.fields.indices.filter { !hasVocabulary($0) })
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
        texts + 1 + layout.dense + layout.fields,
        (record + layout.weightOffset).assumingMemoryBound(to: Float.self))
    }
    if comparesIDs { seen?.insert(ids, fields: others) }
    if labels != nil { labels?.add(texts[0]) }
    if isExample, rows < Self.shownRows { addExample(texts, record) }
    positives &+= Int(record.loadUnaligned(as: Int32.self))
    addUnknown(ids)
  }

  /// A row's ids alone.
  @inline(__always)
  func addUnknown(_ ids: UnsafePointer<Int32>) {
    for place in vocabularies where ids[place.field] == place.unknown { unknown[place.field] &+= 1 }
    rows &+= 1
  }

  func join(_ other: ClickTally) {
    if let more = other.labels { labels?.join(more) }
    ranges.join(other.ranges)
    weights.join(other.weights)
    for index in unknown.indices { unknown[index] += other.unknown[index] }
    examples += other.examples.prefix(Self.shownRows - examples.count)
    rows += other.rows
    positives += other.positives
  }

  private func addExample(_ texts: UnsafePointer<TextSpan>, _ record: UnsafeRawPointer) {
    let values = (record + layout.denseOffset).assumingMemoryBound(to: Float.self)
    let ids = (record + layout.idsOffset).assumingMemoryBound(to: Int32.self)
    examples.append(
      ClickExample(
        texts: (0..<1 + layout.dense + layout.fields).map { texts[$0].excerpt },
        label: Int(record.loadUnaligned(as: Int32.self)), dense: (0..<layout.dense).map { values[$0] },
        ids: offsets.indices.map { Int(ids[$0]) - offsets[$0] }))
  }
}

/// A row as it was understood.
public struct ClickExample: Equatable, Sendable {
  /// Label, dense columns, id columns; of long texts the beginning.
  public var texts: [String]
  /// 0 or 1.
  public var label: Int
  /// As a model gets them.
  public var dense: [Float]
  /// Each in its own field, from 0.
  public var ids: [Int]
}
