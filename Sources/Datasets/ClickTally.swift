/// What became of the rows of one split: counted where they are encoded, so that a conversion can show what it made. Parts
/// are joined in the order of the text.
final class ClickTally {
  private(set) var rows = 0
  private(set) var positives = 0
  /// Where any text may be a label: which there were.
  private(set) var labels: ClickLabelTexts?
  /// Of each dense column.
  let dense: UnsafeMutableBufferPointer<ClickRange>
  /// Of each id field: rows whose text its vocabulary lacks.
  let unknown: UnsafeMutableBufferPointer<Int>
  /// The first rows.
  private(set) var examples: [ClickExample] = []
  /// Shared by all parts; nil for a table too large to keep a bit of each row.
  let seen: ClickSeenIDs?
  private let layout: ClickRecordLayout
  /// Of fields with a vocabulary: their first row of the table, which stands for what it lacks; −1 for other fields.
  private let unknownIDs: UnsafeMutableBufferPointer<Int32>
  private let offsets: [Int]

  static let shownRows = 3

  init(_ schema: ClickSchema, _ seen: ClickSeenIDs?) {
    self.seen = seen
    layout = schema.layout
    labels = schema.label.positive.map { ClickLabelTexts($0) }
    dense = .allocate(capacity: layout.dense)
    dense.initialize(repeating: ClickRange())
    unknown = .allocate(capacity: layout.fields)
    unknown.initialize(repeating: 0)
    offsets = schema.idFields.offsets
    unknownIDs = .allocate(capacity: layout.fields)
    for (index, field) in schema.fields.enumerated() {
      let isVocabulary = if case .vocabulary = field.encoding { true } else { false }
      unknownIDs.initializeElement(at: index, to: isVocabulary ? Int32(truncatingIfNeeded: offsets[index]) : -1)
    }
  }

  deinit {
    dense.deallocate()
    unknown.deallocate()
    unknownIDs.deallocate()
  }

  func clear() {
    (rows, positives) = (0, 0)
    labels?.clear()
    dense.update(repeating: ClickRange())
    unknown.update(repeating: 0)
    examples.removeAll(keepingCapacity: true)
  }

  /// - Parameters:
  ///   - texts: label, dense columns, id columns.
  ///   - record: what they became.
  @inline(__always)
  func add(_ texts: UnsafePointer<TextSpan>, _ record: UnsafeRawPointer) {
    let label = record.loadUnaligned(as: Int32.self)
    let values = (record + layout.denseOffset).assumingMemoryBound(to: Float.self)
    let ids = (record + layout.idsOffset).assumingMemoryBound(to: Int32.self)
    for index in 0..<layout.dense { dense[index].add(values[index], isMissing: texts[1 + index].count == 0) }
    seen?.insert(ids, count: layout.fields)
    if labels != nil { labels?.add(texts[0]) }
    if rows < Self.shownRows { addExample(texts, label, values, ids) }
    addUnknown(ids)
    positives += Int(label)
  }

  /// A row's ids alone.
  @inline(__always)
  func addUnknown(_ ids: UnsafePointer<Int32>) {
    for index in 0..<layout.fields { unknown[index] += ids[index] == unknownIDs[index] ? 1 : 0 }
    rows += 1
  }

  func join(_ other: ClickTally) {
    if let more = other.labels { labels?.join(more) }
    for index in dense.indices { dense[index].join(other.dense[index]) }
    for index in unknown.indices { unknown[index] += other.unknown[index] }
    examples += other.examples.prefix(Self.shownRows - examples.count)
    rows += other.rows
    positives += other.positives
  }

  private func addExample(
    _ texts: UnsafePointer<TextSpan>, _ label: Int32, _ values: UnsafePointer<Float>, _ ids: UnsafePointer<Int32>
  ) {
    examples.append(
      ClickExample(
        texts: (0..<1 + layout.dense + layout.fields).map { texts[$0].excerpt }, label: Int(label),
        dense: (0..<layout.dense).map { values[$0] }, ids: offsets.indices.map { Int(ids[$0]) - offsets[$0] }))
  }
}

/// A row as it was understood.
public struct ClickExample: Equatable, Sendable {
  /// Label, dense columns, id columns; of long texts the beginning.
  public var texts: [String]
  public var label: Int
  public var dense: [Float]
  /// Each in its own field, from 0.
  public var ids: [Int]
}

/// Where the values of a dense column lie, as a model gets them.
public struct ClickRange: Equatable, Sendable {
  public private(set) var least = Float.infinity
  public private(set) var greatest = -Float.infinity
  /// Rows with empty text.
  public private(set) var missing = 0
  private(set) var sum = 0.0

  @inline(__always)
  mutating func add(_ value: Float, isMissing: Bool) {
    least = min(least, value)
    greatest = max(greatest, value)
    sum += Double(value)
    missing += isMissing ? 1 : 0
  }

  mutating func join(_ other: ClickRange) {
    least = min(least, other.least)
    greatest = max(greatest, other.greatest)
    sum += other.sum
    missing += other.missing
  }
}
