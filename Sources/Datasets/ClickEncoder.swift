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
    var vocabulary: ClickVocabulary
    var boundaries: UnsafeMutableBufferPointer<Double>
  }

  let layout: ClickRecordLayout
  private let positives: [[UInt8]]?
  private let dense: UnsafeMutableBufferPointer<ClickSchema.DenseColumn.Facts>
  private let fields: UnsafeMutableBufferPointer<Field>

  /// - Parameter indexBases: libsvm: of each field, the index before its first; nil for all other formats.
  init(_ schema: ClickSchema, indexBases: [Int]? = nil) {
    layout = schema.layout
    positives = schema.label.positive?.map { Array($0.utf8) }
    dense = .allocate(capacity: schema.dense.count)
    _ = dense.initialize(from: schema.dense.map(\.facts))
    fields = .allocate(capacity: schema.fields.count)
    let offsets = schema.idFields.offsets
    for (index, field) in schema.fields.enumerated() {
      fields.initializeElement(at: index, to: Self.field(field, offset: offsets[index], base: indexBases?[index]))
    }
  }

  deinit {
    for field in fields {
      field.vocabulary.deallocate()
      field.boundaries.deallocate()
    }
    fields.deallocate()
    dense.deallocate()
  }

  private static func field(_ column: ClickSchema.IDColumn, offset: Int, base: Int?) -> Field {
    var texts: [String] = []
    var boundaries: [Double] = []
    let kind: Kind
    switch column.encoding {
    case .integer: kind = base == nil ? .integer : .indices
    case .hash: kind = .hash
    case .vocabulary(_, let learnt):
      kind = .vocabulary
      texts = learnt
    case .buckets(let given):
      kind = .buckets
      boundaries = given
    }
    let memory = UnsafeMutableBufferPointer<Double>.allocate(capacity: boundaries.count)
    _ = memory.initialize(from: boundaries)
    // With vocabularies learnt, a table may have become too large: whoever uses its ids, writer or model, refuses it.
    return Field(
      kind: kind, offset: Int32(truncatingIfNeeded: offset), cardinality: column.cardinality, base: base ?? 0,
      vocabulary: ClickVocabulary(texts), boundaries: memory)
  }

  /// - Parameter texts: label, dense columns, id columns.
  func encode(
    _ texts: UnsafePointer<TextSpan>, label: inout Int32, dense: UnsafeMutablePointer<Float>,
    ids: UnsafeMutablePointer<Int32>
  ) -> ClickLineProblem? {
    guard let value = self.label(texts[0]) else { return ClickLineProblem(kind: .label, text: texts[0]) }
    label = value
    for index in 0..<layout.dense {
      guard let value = transformed(texts[1 + index], index) else {
        return ClickLineProblem(kind: .dense, column: 1 + index, text: texts[1 + index])
      }
      let facts = self.dense[index]
      let number = Float((value - facts.mean) * facts.scale)
      guard number.isFinite else { return ClickLineProblem(kind: .dense, column: 1 + index, text: texts[1 + index]) }
      dense[index] = number
    }
    let first = 1 + layout.dense
    for index in 0..<layout.fields {
      if let problem = encode(texts[first + index], index, &ids[index]) {
        return ClickLineProblem(
          kind: problem, column: first + index, number: fields[index].cardinality, text: texts[first + index])
      }
    }
    return nil
  }

  /// A dense value before it is standardised; nil where the text is no number.
  @inline(__always)
  func transformed(_ text: TextSpan, _ index: Int) -> Double? {
    let facts = dense[index]
    guard text.count > 0 else { return facts.missing }
    guard let value = TextNumber.decimal(text) else { return nil }
    return facts.isLogarithm ? ClickSchema.DenseColumn.logarithm(value) : value
  }

  private func label(_ text: TextSpan) -> Int32? {
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
    switch field.kind {
    case .hash:
      id = field.offset &+ Int32(truncatingIfNeeded: text.hash % UInt64(field.cardinality))
    case .vocabulary:
      id = field.offset &+ field.vocabulary.id(of: text)
    case .indices where text.count == 0:
      id = field.offset
    case .integer, .indices:
      guard text.count > 0 else { return .empty }
      guard let value = TextNumber.whole(text), value - field.base < field.cardinality, value >= field.base else {
        return .range
      }
      id = field.offset &+ Int32(truncatingIfNeeded: value - field.base)
    case .buckets:
      guard text.count > 0 else { return .empty }
      guard let value = TextNumber.decimal(text) else { return .boundaryNumber }
      var bucket: Int32 = 0
      for boundary in field.boundaries where boundary <= value { bucket += 1 }
      id = field.offset &+ bucket
    }
    return nil
  }
}

extension ClickSchema.DenseColumn {
  /// What encoding needs of a column.
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
