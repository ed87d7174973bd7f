import Buffers

/// The beginning of an IDX file: two zeros, the type of its values, the number of its dimensions, and each of these as a
/// big-endian 32-bit word.
struct IDXHeader {
  /// The types that values may have; those of several bytes are big-endian.
  enum Element: UInt8 {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    /// Bytes.
    var size: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    /// For people.
    var name: String {
      switch self {
      case .unsignedByte: "unsigned bytes"
      case .signedByte: "signed bytes"
      case .short: "16-bit integers"
      case .int: "32-bit integers"
      case .float: "32-bit floats"
      case .double: "64-bit floats"
      }
    }
  }

  let element: Element
  /// None is 0.
  let dimensions: [Int]

  var byteCount: Int { 4 + 4 * dimensions.count }

  /// For people: `a 4-dimensional IDX file of 32-bit floats`.
  static func words(_ dimensions: Int, _ element: Element) -> String {
    "a \(dimensions)-dimensional IDX file of \(element.name)"
  }

  /// - Parameter expected: nil for whatever the number of dimensions says.
  /// - Throws: `DatasetError` where a file is none, or of another kind or length than it says.
  init(_ memory: AlignedMemory, _ path: String, _ expected: IDX.Kind?) throws {
    guard memory.byteCount >= 4 else {
      throw DatasetError(
        file: path, "only \(memory.byteCount) bytes, too short for an IDX file: copy or download it again")
    }
    let start = memory.bytes
    guard start[0] == 0, start[1] == 0, let element = Element(rawValue: start[2]) else {
      let wanted = expected.map { "\($0.usualStart) (\($0.name))" } ?? "2049 (labels) or 2051 (images)"
      throw DatasetError(file: path, "not an IDX file: it begins with \(memory.word(0)), not \(wanted)")
    }
    let count = Int(start[3])
    try IDX.Kind.require(count, element, path, expected)
    self.element = element
    dimensions = try Self.dimensions(count, element, of: memory, path)
  }

  private static func dimensions(
    _ count: Int, _ element: Element, of memory: AlignedMemory, _ path: String
  ) throws -> [Int] {
    let header = 4 + 4 * count
    guard memory.byteCount >= header else {
      throw DatasetError(file: path, "cut short in its header, at byte \(memory.byteCount): copy or download it again")
    }
    let dimensions = (1...count).map { Int(memory.word(4 * $0)) }
    guard !dimensions.contains(0) else {
      throw DatasetError(file: path, "the file holds no \(IDX.Kind(dimensions: count)?.name ?? "values")")
    }
    let (size, overflows) = dimensions.reduce((element.size, false)) { product, extent in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: extent)
      return (value, product.1 || overflow)
    }
    let unit = element.size == 1 ? "bytes" : element.name
    let promise = "its header says \(dimensions.map(String.init).joined(separator: " × ")) \(unit)"
    if overflows || size > memory.byteCount - header {
      throw DatasetError(
        file: path, "cut short: \(promise), but its content ends at byte \(memory.byteCount): copy or download it again"
      )
    }
    if size < memory.byteCount - header {
      throw DatasetError(
        file: path,
        "\(memory.byteCount - header - size) bytes too many, from byte \(header + size): \(promise): copy or download it "
          + "again")
    }
    return dimensions
  }
}

extension IDX {
  /// The number of dimensions says what a file holds.
  enum Kind {
    case labels, images

    /// Nil for what is neither.
    init?(dimensions: Int) {
      switch dimensions {
      case 1: self = .labels
      case 3, 4: self = .images
      default: return nil
      }
    }

    var name: String { self == .images ? "images" : "labels" }
    /// The first word of such a file of unsigned bytes, the images grey.
    fileprivate var usualStart: Int { self == .images ? 2051 : 2049 }

    fileprivate static func require(
      _ dimensions: Int, _ element: IDXHeader.Element, _ path: String, _ expected: Kind?
    ) throws {
      let kind = Kind(dimensions: dimensions)
      guard kind == nil || (expected != nil && kind != expected) else { return }
      let place = expected.map { ", where \($0.name) should be" } ?? ""
      throw DatasetError(
        file: path,
        "\(IDXHeader.words(dimensions, element))\(place): labels have 1 dimension, images 3 (images, rows, columns) or 4 "
          + "(images, rows, columns, channels)")
    }
  }
}

extension AlignedMemory {
  /// A big-endian 32-bit word.
  fileprivate func word(_ offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
