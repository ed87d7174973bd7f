import Datasets
import Files
import Foundation

/// Predictions as a file that appears whole or not at all, row n for sample n: CSV with a header, or, where the name ends
/// in `.bin`, nothing but little-endian floats.
///
/// CSV holds the shortest text that reads back as the same float, so both forms carry the same bits; labels are whole
/// numbers. Carried texts stand first, and only in CSV.
public struct PredictionFile: ~Copyable {
  private enum Form { case text, binary }

  private var file: AtomicFile
  private let form: Form
  private let columns: [String]
  private let carry: Carry?
  private var row = 0

  /// Appends a row's carried texts, each with a comma behind it.
  public typealias Carry = (_ row: Int, _ fields: inout [UInt8]) throws -> Void

  /// - Parameters:
  ///   - columns: names of the numbers in a row; that of labels is `PredictionForm.label`.
  ///   - carried: names of the texts in front of them, and what writes them.
  /// - Throws: `FileError`; `ModelFile.Failure` where the name has another ending, or a column would stand twice.
  public init(_ path: String, columns: [String], carrying carried: (names: [String], write: Carry)? = nil) throws {
    let form = try Self.form(of: path)
    let names = (carried?.names ?? []) + columns
    if form == .binary, carried != nil {
      throw ModelFile.Failure(description: "\(path): .bin holds numbers only: to carry columns along, write .csv")
    }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ModelFile.Failure(
        description: "\(path): two columns would be named '\(twice)': carry it along once, or not")
    }
    var file = try AtomicFile(path)
    if form == .text {
      try file.write(Data(CSVField.line(names) + [UInt8(ascii: "\n")]))
    }
    self.form = form
    self.columns = columns
    carry = carried?.write
    self.file = file
  }

  private static func form(of path: String) throws -> Form {
    switch URL(fileURLWithPath: path).pathExtension {
    case "csv": .text
    case "bin": .binary
    default:
      throw ModelFile.Failure(
        description: "\(path): predictions are written as .csv or .bin; give the file one of these endings")
    }
  }

  /// Whole rows. Throws `FileError`.
  public mutating func write(_ values: UnsafeBufferPointer<Float>) throws {
    guard form == .text else { return try file.write(UnsafeRawBufferPointer(values)) }
    var text: [UInt8] = []
    text.reserveCapacity(12 * values.count)
    for (index, value) in values.enumerated() {
      let column = index % columns.count
      if column == 0 {
        try carry?(row, &text)
        row += 1
      }
      text.append(contentsOf: (columns[column] == PredictionForm.label ? "\(Int(value))" : value.description).utf8)
      text.append(UInt8(ascii: column == columns.count - 1 ? "\n" : ","))
    }
    try text.withUnsafeBytes { try file.write($0) }
  }

  /// Makes the file appear under its name; throws `FileError`.
  public consuming func commit() throws { try file.commit() }
}
