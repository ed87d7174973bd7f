import Buffers
import Foundation

/// The format of the MNIST family: a big-endian header, then bytes. Plain, or packed by gzip or xz, whatever the name says.
///
/// Described by LeCun, Cortes and Burges on the page of the MNIST database.
enum IDX {
  enum Kind: UInt32 {
    case labels = 2049
    case images = 2051

    var dimensions: Int { self == .images ? 3 : 1 }
    var name: String { self == .images ? "images" : "labels" }
  }

  /// One file, its header checked against its length.
  struct File {
    let kind: Kind
    let path: String
    let packing: Packing
    /// Bytes of the file itself, packed or not.
    let byteCount: Int
    let dimensions: [Int]
    let memory: AlignedMemory

    var headerSize: Int { 4 + 4 * dimensions.count }
    var values: UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: memory.bytes.bindMemory(to: UInt8.self)[headerSize...])
    }
  }

  static func open(_ path: String, expected: Kind? = nil) throws -> File {
    let raw = try MappedFile.open(path)
    let packing = Packing(raw.bytes.prefix(Packing.signatureSize))
    let memory = try packing.unpacker(path)?.unpackAll(raw) ?? raw
    let kind = try kind(of: memory, path, expected)
    let dimensions = try dimensions(of: memory, path, kind)
    return File(
      kind: kind, path: path, packing: packing, byteCount: raw.byteCount, dimensions: dimensions, memory: memory)
  }

  /// Checks that images and labels fit together, and each label's range.
  static func pair(images: File, labels: File, classes: Int) throws -> LabelledImages {
    let count = images.dimensions[0]
    guard labels.dimensions[0] == count else {
      throw DatasetError(
        file: labels.path,
        "\(labels.dimensions[0]) labels for the \(count) images of \(images.path): the two files do not belong together"
      )
    }
    let copy = AlignedMemory(byteCount: count * MemoryLayout<Int32>.stride)
    let values = UnsafeMutableBufferPointer(
      start: copy.baseAddress.bindMemory(to: Int32.self, capacity: count), count: count)
    for (row, label) in labels.values.enumerated() {
      guard label < classes else { throw LabelRange.error(labels.path, label: Int(label), row: row, classes: classes) }
      values[row] = Int32(label)
    }
    return LabelledImages(
      path: labels.path, shape: Shape(images.dimensions[1], images.dimensions[2], 1), pixels: images.values,
      labels: UnsafeBufferPointer(values), classes: classes, memory: [images.memory, copy])
  }

  private static func kind(of memory: AlignedMemory, _ path: String, _ expected: Kind?) throws -> Kind {
    guard memory.byteCount >= 4 else {
      throw DatasetError(
        file: path, "only \(memory.byteCount) bytes, too short for an IDX file: copy or download it again")
    }
    let wanted = expected.map { "\($0.rawValue) (\($0.name))" } ?? "2049 (labels) or 2051 (images)"
    guard let kind = Kind(rawValue: memory.word(0)) else {
      throw DatasetError(file: path, "not an IDX file: it begins with \(memory.word(0)), not \(wanted)")
    }
    guard expected == nil || kind == expected else {
      throw DatasetError(file: path, "an IDX file of \(kind.name): it begins with \(kind.rawValue), not \(wanted)")
    }
    return kind
  }

  private static func dimensions(of memory: AlignedMemory, _ path: String, _ kind: Kind) throws -> [Int] {
    let header = 4 + 4 * kind.dimensions
    guard memory.byteCount >= header else {
      throw DatasetError(file: path, "cut short in its header, at byte \(memory.byteCount): copy or download it again")
    }
    let dimensions = (1...kind.dimensions).map { Int(memory.word(4 * $0)) }
    guard !dimensions.contains(0) else { throw DatasetError(file: path, "the file holds no \(kind.name)") }
    let (size, overflows) = dimensions.reduce((1, false)) { product, extent in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: extent)
      return (value, product.1 || overflow)
    }
    let promise = "its header says \(dimensions.map(String.init).joined(separator: " × ")) bytes"
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

extension AlignedMemory {
  /// A big-endian 32-bit word.
  fileprivate func word(_ offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}

enum LabelRange {
  static func error(_ file: String, label: Int, row: Int, classes: Int) -> DatasetError {
    DatasetError(
      file: file,
      "the label of row \(row) is \(label), but there are \(classes) classes, 0 to \(classes - 1): set data.classes if "
        + "the data has more")
  }
}
