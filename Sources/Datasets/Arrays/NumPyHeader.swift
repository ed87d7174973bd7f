import Buffers
import Configuration
import Foundation

/// The beginning of an array in NumPy's own format: its type and shape, as a Python dictionary behind a signature
/// (NumPy's "NEP 1", versions 1 to 3 of the format).
struct NumPyHeader {
  let element: NumPyElement
  let rows: Int
  /// 1 where the array has one dimension.
  let columns: Int

  static let signature = [0x93] + Array("NUMPY".utf8)
  private static let longest = 1 << 20

  /// Bytes of a row.
  var rowSize: Int { columns * element.size }

  /// - Parameters:
  ///   - bytes: the array's, from its start.
  ///   - error: makes an error of a problem with the array.
  init(_ bytes: any ArrayBytes, error: (String) -> DatasetError) throws {
    let again = ": copy it, or save it again"
    guard bytes.byteCount >= 10 else { throw error("is cut short in its header\(again)") }
    let start = Array(UnsafeRawBufferPointer(start: try bytes.next(10), count: 10))
    guard start.starts(with: Self.signature) else { throw error("does not begin as a NumPy array does\(again)") }
    guard 1...3 ~= start[6] else { throw error("has version \(start[6]) of NumPy's format, not 1, 2 or 3\(again)") }
    var count = Int(start[8]) | Int(start[9]) << 8
    var before = 10
    if start[6] > 1, bytes.byteCount >= 12 {
      let rest = UnsafeRawBufferPointer(start: try bytes.next(2), count: 2)
      count |= Int(rest[0]) << 16 | Int(rest[1]) << 24
      before = 12
    }
    guard count <= Self.longest, count <= bytes.byteCount - before else {
      throw error("is cut short in its header\(again)")
    }
    let text = String(decoding: UnsafeRawBufferPointer(start: try bytes.next(count), count: count), as: UTF8.self)
    guard let type = Self.value(of: "descr", in: text), let order = Self.value(of: "fortran_order", in: text),
      let shape = Self.value(of: "shape", in: text).flatMap(Self.extents)
    else { throw error("has a header that is not understood, '\(text.shown)': save it with numpy.save") }
    element = try Self.element(type, error)
    guard 1...2 ~= shape.count else {
      throw error("has \(shape.count) dimensions, but is read with one, or with two (rows, columns): reshape it")
    }
    (rows, columns) = (shape[0], shape.count == 2 ? shape[1] : 1)
    guard order == "False" || columns == 1 || rows <= 1 else {
      throw error("lies in Fortran's order, column by column: save numpy.ascontiguousarray of it")
    }
    try requireLength(bytes.byteCount - before - count, error: error)
  }

  private func requireLength(_ found: Int, error: (String) -> DatasetError) throws {
    let (values, overflows) = rows.multipliedReportingOverflow(by: columns)
    let (size, overflowsBytes) = values.multipliedReportingOverflow(by: element.size)
    guard !overflows, !overflowsBytes, size == found else {
      throw error(
        "has \(found) bytes of values, but its header says \(rows) × \(columns) of type \(element.rawValue): copy it, or save "
          + "it again")
    }
  }

  private static func element(_ type: String, _ error: (String) -> DatasetError) throws -> NumPyElement {
    let form = type.dropFirst()
    if let element = NumPyElement(rawValue: String(form)) {
      guard type.first == "<" || element.size == 1 else {
        throw error("is big-endian, '\(type.shown)': save it as .astype('<\(form)')")
      }
      return element
    }
    if form == "O" { throw error("holds Python objects, which are not read: save it as numbers, .astype('int32')") }
    throw error(
      "has values of type '\(type.shown)', not integers of 8 to 64 bits or floats of 32 or 64: save it as such, "
        + ".astype('float32')")
  }

  /// A value of the dictionary, without quotes and brackets.
  private static func value(of key: String, in text: String) -> String? {
    guard let name = text.range(of: "'\(key)':") else { return nil }
    let rest = text[name.upperBound...].drop { $0 == " " }
    switch rest.first {
    case "'": return String(rest.dropFirst().prefix { $0 != "'" })
    case "(": return String(rest.dropFirst().prefix { $0 != ")" })
    // A list of named parts.
    case "[": return String(rest.prefix { $0 != "]" }) + "]"
    default: return String(rest.prefix { $0.isLetter })
    }
  }

  /// `5, 13` or `5,`; Python 2 wrote `5L`.
  private static func extents(_ text: String) -> [Int]? {
    let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " L")) }
    let numbers = parts.filter { !$0.isEmpty }.map { Int($0) }
    guard numbers.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else { return nil }
    return numbers.compactMap { $0 }
  }
}
