/// The id fields of a click data set, joined in one table: field f's value v is row `offsets[f] + v`.
public struct IDFields: Encodable, Hashable, Sendable {
  /// The fields' names, in the order of a sample's ids.
  public let names: [String]
  /// Values of field f are in 0..<cardinalities[f], whatever stands for "unknown" among them.
  public let cardinalities: [Int]

  /// Takes one name and one cardinality for each field.
  public init(names: [String], cardinalities: [Int]) {
    precondition(names.count == cardinalities.count, "\(names.count) names for \(cardinalities.count) fields")
    self.names = names
    self.cardinalities = cardinalities
  }

  /// Ids of a sample.
  public var count: Int { names.count }

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
