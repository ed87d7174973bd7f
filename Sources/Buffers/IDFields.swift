/// The id fields of a click data set, joined in one table: field f's value v is row `offsets[f] + v`.
public struct IDFields: Encodable, Hashable, Sendable {
  /// The fields' names, in the order of a sample's ids.
  public let names: [String]
  /// Values of field f are in 0..<cardinalities[f], whatever stands for "unknown" among them.
  public let cardinalities: [Int]
  /// The fields of which a sample may have several values, in their order; nil where there are none. The last of such a
  /// field's values stands for none.
  public let bags: [IDBag]?

  /// Takes one name and one cardinality for each field.
  public init(names: [String], cardinalities: [Int], bags: [IDBag] = []) {
    precondition(names.count == cardinalities.count, "\(names.count) names for \(cardinalities.count) fields")
    self.names = names
    self.cardinalities = cardinalities
    self.bags = bags.isEmpty ? nil : bags
  }

  /// Fields.
  public var count: Int { names.count }

  /// Ids of a sample: one for each field, or as many as its bag holds.
  public var columns: Int { (bags ?? []).reduce(count) { $0 + $1.atMost - 1 } }

  /// Of each of a sample's ids, its field.
  public var columnFields: [Int] {
    (0..<count).flatMap { field in [Int](repeating: field, count: bag(field)?.atMost ?? 1) }
  }

  /// Nil where a sample has one value of a field.
  public func bag(_ field: Int) -> IDBag? { bags?.first { $0.field == field } }

  /// How ids come together to one a field; nil where each field has one.
  public var pooling: IDColumns? {
    guard bags != nil else { return nil }
    let offsets = offsets
    return IDColumns(
      fields: columnFields,
      absent: columnFields.map { bag($0) == nil ? -1 : Int32(truncatingIfNeeded: offsets[$0] + cardinalities[$0] - 1) },
      isMean: columnFields.map { bag($0)?.isMean == true })
  }

  /// Rows of the joined table.
  public var rows: Int { cardinalities.reduce(0, +) }

  /// Where each field's rows begin.
  public var offsets: [Int] {
    var next = 0
    return cardinalities.map { cardinality in
      defer { next += cardinality }
      return next
    }
  }
}
