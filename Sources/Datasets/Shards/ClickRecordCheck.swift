/// Whether records hold what their schema allows: labels 0 and 1, finite dense values, ids of their own field, weights that
/// are finite and not below 0.
struct ClickRecordCheck: Sendable {
  let layout: ClickRecordLayout
  private let fields: [String]
  private let dense: [String]
  /// Rows of the joined table: field f's begin at `first[f]`, and there are `cardinality[f]`.
  private let first: [UInt32]
  private let cardinality: [UInt32]

  init(_ schema: ClickSchema) {
    layout = schema.layout
    let ids = schema.idFields
    let offsets = ids.offsets
    fields = ids.columnFields.map { ids.names[$0] }
    dense = schema.dense.map(\.column)
    first = ids.columnFields.map { UInt32(truncatingIfNeeded: offsets[$0]) }
    cardinality = ids.columnFields.map { UInt32(truncatingIfNeeded: ids.cardinalities[$0]) }
  }

  /// How many labels are 1, or the first record that is wrong and what is wrong with it.
  func positives(in records: UnsafeRawBufferPointer) -> Result<Int, Problem> {
    precondition(records.count % layout.stride == 0, "\(records.count) bytes of records of \(layout.stride)")
    var positives = 0
    for row in 0..<records.count / layout.stride {
      let record = UnsafeRawBufferPointer(rebasing: records[row * layout.stride..<(row + 1) * layout.stride])
      guard isValid(record) else { return .failure(Problem(row: row, description: problem(in: record))) }
      positives += Int(record.loadUnaligned(as: UInt32.self))
    }
    return .success(positives)
  }

  struct Problem: Error {
    var row: Int
    var description: String
  }

  /// Without a branch on each value, so that it vectorises.
  private func isValid(_ record: UnsafeRawBufferPointer) -> Bool {
    var wrong: UInt32 = record.loadUnaligned(as: UInt32.self) > 1 ? 1 : 0
    let base = record.baseAddress!
    for index in 0..<layout.dense {
      let bits = (base + layout.denseOffset + 4 * index).loadUnaligned(as: UInt32.self)
      wrong |= bits & Self.exponent == Self.exponent ? 1 : 0
    }
    let ids = base + layout.idsOffset
    first.withUnsafeBufferPointer { first in
      cardinality.withUnsafeBufferPointer { cardinality in
        for field in 0..<layout.fields {
          let id = (ids + 4 * field).loadUnaligned(as: UInt32.self)
          wrong |= id &- first[field] >= cardinality[field] ? 1 : 0
        }
      }
    }
    if layout.isWeighted {
      wrong |= (base + layout.weightOffset).loadUnaligned(as: UInt32.self) >= Self.exponent ? 1 : 0
    }
    return wrong == 0
  }

  /// All ones in what is infinite or not a number. Numbers from 0 up have fewer bits, negative ones more.
  private static let exponent: UInt32 = 0x7F80_0000

  private func problem(in record: UnsafeRawBufferPointer) -> String {
    let label = record.loadUnaligned(as: UInt32.self)
    if label > 1 { return "its label is \(label), not 0 or 1" }
    for index in 0..<layout.dense {
      let value = record.loadUnaligned(fromByteOffset: layout.denseOffset + 4 * index, as: Float.self)
      if !value.isFinite { return "its value of \(dense[index]) is \(value)" }
    }
    for field in 0..<layout.fields {
      let id = record.loadUnaligned(fromByteOffset: layout.idsOffset + 4 * field, as: UInt32.self)
      if id &- first[field] >= cardinality[field] {
        return "its id of \(fields[field]) is row \(Int32(bitPattern: id)) of the table, but that field has the rows "
          + "\(first[field]) to \(first[field] &+ cardinality[field] &- 1)"
      }
    }
    if layout.isWeighted {
      let weight = record.loadUnaligned(fromByteOffset: layout.weightOffset, as: Float.self)
      if !weight.isFinite || weight.sign == .minus { return "its weight is \(weight)" }
    }
    return "it holds what its schema does not allow"
  }
}
