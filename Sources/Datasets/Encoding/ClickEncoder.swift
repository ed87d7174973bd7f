import Foundation

/// Turns the texts of a line into label, dense values and ids. Allocates nothing; may be used from any thread.
final class ClickEncoder: @unchecked Sendable {
  // Unchecked: nothing writes to it once it is made.

  private enum Kind: UInt8 { case integer, indices, hash, vocabulary, buckets }

  private struct Field {
    var kind: Kind
    var offset: Int32
    var cardinality: Int
    /// `indices` only: the id of this index is 0.
    var base: Int
    var vocabulary: TextDictionary.Lookup
    var boundaries: UnsafeMutableBufferPointer<Double>
  }

  let layout: ClickRecordLayout
  private let needsLabels: Bool
  /// Whether lines have a weight that is looked at: with labels alone, as it is the loss's.
  let readsWeights: Bool
  private let positives: [[UInt8]]?
  private let dense: UnsafeMutableBufferPointer<ClickSchema.DenseColumn.Facts>
  /// One for each id of a record; those of one column are alike.
  private let fields: UnsafeMutableBufferPointer<Field>
  private let bags: Int
  /// Vocabularies of the fields, held for as long as they look into them.
  private let vocabularies: [TextDictionary]
  /// Fields that not every text is an id of.
  private let restrictedFields: [Int]
  private let logarithms = LogarithmTable.shared

  /// - Parameters:
  ///   - indexBases: libsvm: of each field, the index before its first; nil for all other formats.
  ///   - needsLabels: false gives every row the label 0.
  init(_ schema: ClickSchema, indexBases: [Int]? = nil, needsLabels: Bool = true) {
    layout = schema.layout
    self.needsLabels = needsLabels
    readsWeights = needsLabels && schema.weight != nil
    positives = schema.label.positive?.map { Array($0.utf8) }
    dense = .allocate(capacity: schema.dense.count)
    _ = dense.initialize(from: schema.dense.map(\.facts))
    let ids = schema.idFields
    fields = .allocate(capacity: ids.columns)
    bags = ids.bags?.count ?? 0
    let offsets = ids.offsets
    vocabularies = schema.fields.map { TextDictionary(idsOf: $0.vocabulary) }
    for (column, index) in ids.columnFields.enumerated() {
      fields.initializeElement(
        at: column,
        to: Self.field(
          schema.fields[index], offset: offsets[index], base: indexBases?[index], vocabulary: vocabularies[index].lookup
        ))
    }
    let fields = fields
    restrictedFields = fields.indices.filter { ![.hash, .vocabulary].contains(fields[$0].kind) }
  }

  deinit {
    for field in fields { field.boundaries.deallocate() }
    fields.deallocate()
    dense.deallocate()
  }

  private static func field(
    _ column: ClickSchema.IDColumn, offset: Int, base: Int?, vocabulary: TextDictionary.Lookup
  ) -> Field {
    var boundaries: [Double] = []
    let kind: Kind
    switch column.encoding {
    case .integer: kind = base == nil ? .integer : .indices
    case .hash: kind = .hash
    case .vocabulary: kind = .vocabulary
    case .buckets(let given, _):
      kind = .buckets
      boundaries = given
    }
    let memory = UnsafeMutableBufferPointer<Double>.allocate(capacity: boundaries.count)
    _ = memory.initialize(from: boundaries)
    // With vocabularies learnt, a table may have become too large: whoever uses its ids, writer or model, refuses it.
    return Field(
      kind: kind, offset: Int32(truncatingIfNeeded: offset), cardinality: column.valueIDs, base: base ?? 0,
      vocabulary: vocabulary, boundaries: memory)
  }

  /// - Parameters:
  ///   - texts: label, dense columns, id columns, weight.
  ///   - weight: nil where there is none.
  func encode(
    _ texts: UnsafePointer<TextSpan>, label: inout Int32, dense: UnsafeMutablePointer<Float>,
    ids: UnsafeMutablePointer<Int32>, weight: UnsafeMutablePointer<Float>?
  ) -> ClickLineProblem? {
    guard let value = self.label(texts[0]) else { return ClickLineProblem(kind: .label, text: texts[0]) }
    label = value
    for index in 0..<layout.dense {
      guard let value = transformed(texts[1 + index], index), let number = scaled(value, index) else {
        return denseProblem(texts, index)
      }
      dense[index] = number
    }
    for index in 0..<layout.fields {
      let text = texts[1 + layout.dense + index]
      if let kind = encode(text, index, &ids[index]) { return idProblem(texts, index, kind) }
    }
    guard let weight else { return nil }
    guard let value = self.weight(texts[weightText]) else { return weightProblem(texts) }
    weight.pointee = value
    return nil
  }

  /// The problem that `encode` would find, without its work where every text will do. Only with a schema that is not
  /// fitted yet: values are not scaled.
  func problem(_ texts: UnsafePointer<TextSpan>) -> ClickLineProblem? {
    if label(texts[0]) == nil { return ClickLineProblem(kind: .label, text: texts[0]) }
    for index in 0..<layout.dense {
      let text = texts[1 + index]
      guard text.count > 0 else { continue }
      // A logarithm is never too large.
      guard let value = TextNumber.decimal(text), dense[index].isLogarithm || Float(value).isFinite else {
        return denseProblem(texts, index)
      }
    }
    var id: Int32 = 0
    for index in restrictedFields where !texts[1 + layout.dense + index].isAbsent {
      if let kind = encode(texts[1 + layout.dense + index], index, &id) { return idProblem(texts, index, kind) }
    }
    return readsWeights && weight(texts[weightText]) == nil ? weightProblem(texts) : nil
  }

  /// The number of the weight's text.
  var weightText: Int { 1 + layout.dense + layout.fields + bags }

  /// Nil for what is no number from 0 up that a float holds.
  private func weight(_ text: TextSpan) -> Float? {
    guard text.count > 0, let value = TextNumber.decimal(text), value >= 0, Float(value).isFinite else { return nil }
    // −0 becomes 0.
    return Float(value) + 0
  }

  private func weightProblem(_ texts: UnsafePointer<TextSpan>) -> ClickLineProblem {
    ClickLineProblem(kind: .weight, column: weightText, text: texts[weightText])
  }

  private func denseProblem(_ texts: UnsafePointer<TextSpan>, _ index: Int) -> ClickLineProblem {
    ClickLineProblem(kind: .dense, column: 1 + index, text: texts[1 + index])
  }

  private func idProblem(
    _ texts: UnsafePointer<TextSpan>, _ index: Int, _ kind: ClickLineProblem.Kind
  ) -> ClickLineProblem {
    let column = 1 + layout.dense + index
    return ClickLineProblem(kind: kind, column: column, number: fields[index].cardinality, text: texts[column])
  }

  /// A dense value before it is standardised; nil where the text is no number.
  @inline(__always)
  func transformed(_ text: TextSpan, _ index: Int) -> Double? {
    let facts = dense[index]
    guard text.count > 0 else { return facts.missing }
    guard let value = TextNumber.decimal(text) else { return nil }
    return facts.isLogarithm ? logarithms[value] : value
  }

  /// Nil for what no float holds.
  @inline(__always)
  private func scaled(_ value: Double, _ index: Int) -> Float? {
    let facts = dense[index]
    let number = Float((value - facts.mean) * facts.scale)
    return number.isFinite ? number : nil
  }

  private func label(_ text: TextSpan) -> Int32? {
    guard needsLabels else { return 0 }
    guard let positives else {
      guard text.count == 1, text.start[0] | 1 == UInt8(ascii: "1") else { return nil }
      return Int32(text.start[0] & 1)
    }
    guard text.count > 0 else { return nil }
    for positive in positives where positive.count == text.count {
      if memcmp(positive, text.start, text.count) == 0 { return 1 }
    }
    return 0
  }

  @inline(__always)
  private func encode(_ text: TextSpan, _ index: Int, _ id: inout Int32) -> ClickLineProblem.Kind? {
    let field = fields[index]
    if text.isAbsent {
      id = field.offset &+ Int32(truncatingIfNeeded: field.cardinality)
      return nil
    }
    switch field.kind {
    case .hash:
      id = field.offset &+ Int32(truncatingIfNeeded: text.hash % UInt64(field.cardinality))
    case .vocabulary:
      id = field.offset &+ Int32(truncatingIfNeeded: field.vocabulary.number(of: TextKey(text)))
    case .indices where text.count == 0:
      id = field.offset
    case .integer, .indices:
      guard text.count > 0 else { return .empty }
      guard let value = TextNumber.whole(text), value - field.base < field.cardinality, value >= field.base else {
        return .range
      }
      id = field.offset &+ Int32(truncatingIfNeeded: value - field.base)
    case .buckets:
      guard let bucket = bucket(of: text, field) else { return .boundaryNumber }
      id = field.offset &+ Int32(truncatingIfNeeded: bucket)
    }
    return nil
  }

  /// nil where the text is no number.
  @inline(__always)
  private func bucket(of text: TextSpan, _ field: Field) -> Int? {
    guard text.count > 0 else { return field.cardinality - 1 }
    guard let value = TextNumber.decimal(text) else { return nil }
    var (low, high) = (0, field.boundaries.count)
    while low < high {
      let middle = (low + high) / 2
      if field.boundaries[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension ClickSchema.DenseColumn {
  /// Facts of a column that encoding needs.
  struct Facts {
    var isLogarithm: Bool
    var mean: Double
    var scale: Double
    /// Transformed.
    var missing: Double
  }

  var facts: Facts {
    Facts(
      isLogarithm: transform == .log, mean: mean, scale: 1 / deviation,
      missing: transform == .log ? Self.logarithm(missing) : missing)
  }

  static func logarithm(_ value: Double) -> Double { value < 0 ? -log1p(-value) : log1p(value) }
}

/// `ClickSchema.DenseColumn.logarithm`, which is slow, with the small counts that click data are full of worked out
/// beforehand.
struct LogarithmTable: @unchecked Sendable {
  // Unchecked: nothing writes to it once it is made.

  static let shared = LogarithmTable()
  private static let count = 1 << 14
  /// Logarithms of 0, 1, 2, …
  private let values: UnsafePointer<Double>

  private init() {
    let values = UnsafeMutablePointer<Double>.allocate(capacity: Self.count)
    for index in 0..<Self.count {
      (values + index).initialize(to: ClickSchema.DenseColumn.logarithm(Double(index)))
    }
    self.values = UnsafePointer(values)
  }

  @inline(__always)
  subscript(value: Double) -> Double {
    guard value >= 0, value < Double(Self.count) else { return ClickSchema.DenseColumn.logarithm(value) }
    let index = Int(value)
    // −0 is not 0: its logarithm keeps the sign.
    return Double(index).bitPattern == value.bitPattern ? values[index] : ClickSchema.DenseColumn.logarithm(value)
  }
}
