import Buffers
import Foundation

/// Click data of any size with a known best model: power-law ids, uniform dense values of mean 0 and variance 1, and labels
/// drawn from a planted factorization machine. Sample i is a pure function of this description and i, so any number of
/// workers makes the same bytes, and the test split is more of the same.
public struct ClickGenerator: Encodable, Equatable, Sendable {
  /// Rows of the training split.
  public var rows: Int
  /// Samples of the test split.
  public var testRows: Int
  /// Ids of each field.
  public var cardinalities: [Int]
  /// Dense values of a sample.
  public var dense: Int
  /// Exponent of the power law that ids follow: the r-th commonest has a probability close to r^−exponent.
  public var exponent: Double
  /// Floats in the planted model's latent vectors; 0 leaves the interactions out.
  public var embedding: Int
  /// The share of labels that are 1, about.
  public var positiveShare: Double
  /// Standard deviation of the planted model's score: how much there is to learn.
  public var signal: Double
  /// Everything random comes from it.
  public var seed: UInt64

  /// - Parameter cardinalities: ids of each field.
  public init(
    rows: Int, testRows: Int, cardinalities: [Int], dense: Int = 13, exponent: Double = 1.1, embedding: Int = 4,
    positiveShare: Double = 0.25, signal: Double = 1.5, seed: UInt64 = 1
  ) {
    self.rows = rows
    self.testRows = testRows
    self.cardinalities = cardinalities
    self.dense = dense
    self.exponent = exponent
    self.embedding = embedding
    self.positiveShare = positiveShare
    self.signal = signal
    self.seed = seed
  }

  /// - Throws: `DatasetError` where no data can be made so.
  public func check() throws {
    let limits: [(Bool, String)] = [
      (1...Self.mostRows ~= rows, "\(rows) rows: 1 to \(Self.mostRows)"),
      (1...Self.mostTestRows ~= testRows, "\(testRows) test rows: 1 to \(Self.mostTestRows)"),
      (1...4096 ~= cardinalities.count, "\(cardinalities.count) fields: 1 to 4096"),
      (0...4096 ~= dense, "\(dense) dense values: 0 to 4096"),
      (0...10 ~= exponent, "an exponent of \(exponent): 0 to 10"),
      (0...256 ~= embedding, "an embedding of \(embedding): 0 to 256"),
      (positiveShare > 0 && positiveShare < 1, "a positives' share of \(positiveShare): more than 0, less than 1"),
      (signal > 0 && signal <= 100, "a signal of \(signal): more than 0, at most 100"),
    ]
    if let (_, text) = limits.first(where: { !$0.0 }) { throw DatasetError("\(text) can be made") }
    try schema.checkTable()
  }

  /// Schema of the data that it makes.
  public var schema: ClickSchema {
    ClickSchema(
      name: "synthetic-clicks", label: .init(column: "label"), dense: (0..<dense).map { .init(column: "i\($0 + 1)") },
      fields: cardinalities.enumerated().map {
        .init(column: "c\($0.offset + 1)", encoding: .integer(cardinality: $0.element))
      })
  }

  /// Bytes of both splits, without headers.
  public var bytes: Int { (rows + testRows) * schema.layout.stride }

  /// Fields from small to large, each larger than the one before by the same factor.
  ///
  /// - Parameter largest: of the last field.
  public static func cardinalities(fields: Int, largest: Int) -> [Int] {
    let smallest = Double(min(smallestField, largest))
    guard fields > 1 else { return Array(repeating: largest, count: max(fields, 0)) }
    return (0..<fields).map {
      Int((smallest * pow(Double(largest) / smallest, Double($0) / Double(fields - 1))).rounded())
    }
  }

  /// The same, with `tableRows` ids in all.
  ///
  /// - Throws: `DatasetError` where there are fewer than fields, or more than a table can have.
  public static func cardinalities(fields: Int, tableRows: Int) throws -> [Int] {
    guard fields > 0, fields...Int(Int32.max) ~= tableRows else {
      throw DatasetError(
        "a table of \(tableRows) rows for \(fields) fields: \(max(fields, 1)) to \(Int32.max) can be made")
    }
    var range = 1...tableRows
    while range.count > 1 {
      let middle = range.lowerBound + range.count / 2
      let isSmall = cardinalities(fields: fields, largest: middle).reduce(0, +) <= tableRows
      range = isSmall ? middle...range.upperBound : range.lowerBound...middle - 1
    }
    var found = cardinalities(fields: fields, largest: range.lowerBound)
    found[fields - 1] += tableRows - found.reduce(0, +)
    return found
  }

  private static let smallestField = 10
  private static let mostRows = 1 << 40
  /// Their scores are held in memory.
  private static let mostTestRows = 1 << 32
}
