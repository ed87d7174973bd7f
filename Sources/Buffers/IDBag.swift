/// A field of which a sample may have several values, or none: a bag of them, of which a model sees one.
public struct IDBag: Encodable, Hashable, Sendable {
  /// What becomes of a bag's rows, or weights; of none, zero.
  public enum Pooling: String, Encodable, CaseIterable, Sendable {
    /// Their sum.
    case sum
    /// Their sum ÷ how many there are.
    case mean
  }
  /// The field's number, from 0.
  public let field: Int
  /// Values of a sample, at most: a sample has so many ids of the field, the last of them perhaps that of no value.
  public let atMost: Int
  /// What becomes of them.
  public let pooling: Pooling

  /// - Parameters:
  ///   - field: its number, from 0.
  ///   - atMost: at least 1.
  public init(field: Int, atMost: Int, pooling: Pooling) {
    precondition(field >= 0 && atMost > 0, "a bag of \(atMost) values, field \(field)")
    self.field = field
    self.atMost = atMost
    self.pooling = pooling
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
