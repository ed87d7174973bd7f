/// A field of which a sample may have several values, or none: a bag of them, of which a model sees one.
public struct IDBag: Encodable, Hashable, Sendable {
  /// The field's number, from 0.
  public let field: Int
  /// Values of a sample, at most: a sample has so many ids of the field, the last of them perhaps that of no value.
  public let atMost: Int
  /// Whether their rows, or weights, become their mean, and not their sum; of none, zero.
  public let isMean: Bool

  /// - Parameters:
  ///   - field: its number, from 0.
  ///   - atMost: at least 1.
  public init(field: Int, atMost: Int, isMean: Bool) {
    precondition(field >= 0 && atMost > 0, "a bag of \(atMost) values, field \(field)")
    self.field = field
    self.atMost = atMost
    self.isMean = isMean
  }
}

/// A sample's ids as columns, where a field may have several: how they come together to one a field.
public struct IDColumns: Hashable, Sendable {
  /// Of each column, its field. Columns of a field lie side by side.
  public let fields: [Int]
  /// Of each column, the row of the table that stands for no value; −1 where there is always one.
  public let absent: [Int32]
  /// Of each column, whether its field is a mean.
  public let isMean: [Bool]
}
