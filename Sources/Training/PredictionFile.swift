import Files
import Foundation

/// Predictions as a file that appears whole or not at all, row n for sample n: CSV with a header, or, where the name ends
/// in `.bin`, nothing but little-endian floats.
///
/// CSV holds the shortest text that reads back as the same float, so both forms carry the same bits.
public struct PredictionFile: ~Copyable {
  private enum Form { case text, binary }

  private var file: AtomicFile
  private let form: Form
  private let columns: Int

  /// - Throws: `FileError`; `ModelFile.Failure` where the name has another ending.
  public init(_ path: String, columns: Int) throws {
    let form = try Self.form(of: path)
    var file = try AtomicFile(path)
    if form == .text {
      let names = columns == 1 ? ["probability"] : (0..<columns).map { "probability\($0)" }
      try file.write(Data((names.joined(separator: ",") + "\n").utf8))
    }
    self.form = form
    self.columns = columns
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
      text.append(contentsOf: value.description.utf8)
      text.append(UInt8(ascii: (index + 1) % columns == 0 ? "\n" : ","))
    }
    try text.withUnsafeBytes { try file.write($0) }
  }

  /// Makes the file appear under its name; throws `FileError`.
  public consuming func commit() throws { try file.commit() }
}
