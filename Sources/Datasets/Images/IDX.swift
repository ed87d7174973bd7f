import Buffers
import Foundation

/// The format of the MNIST family: a big-endian header, then values. Plain, or packed by gzip or xz, whatever the name says.
///
/// Described by LeCun, Cortes and Burges on the page of the MNIST database.
enum IDX {
  /// One file, its header checked against its length.
  struct File {
    let kind: Kind
    let path: String
    let packing: Packing
    /// Bytes of the file itself, packed or not.
    let byteCount: Int
    let header: IDXHeader
    let memory: AlignedMemory

    /// Images or labels.
    var count: Int { header.dimensions[0] }
    /// `[height, width, channels]` of each image.
    var shape: Shape {
      precondition(kind == .images, "labels have no shape")
      let extents = header.dimensions
      return Shape(extents[1], extents[2], extents.count == 4 ? extents[3] : 1)
    }
    /// For errors: `a 3-dimensional IDX file of 32-bit floats`.
    var words: String { IDXHeader.words(header.dimensions.count, header.element) }
  }

  static func open(_ path: String, expected: Kind? = nil) throws -> File {
    let raw = try MappedFile.open(path)
    let packing = Packing(raw.bytes.prefix(Packing.signatureSize))
    let memory = try packing.unpacker(path)?.unpackAll(raw) ?? raw
    let header = try IDXHeader(memory, path, expected)
    guard let kind = Kind(dimensions: header.dimensions.count) else { preconditionFailure("a kind that was checked") }
    let file = File(
      kind: kind, path: path, packing: packing, byteCount: raw.byteCount, header: header, memory: memory)
    if kind == .images { try file.requireChannelsLast() }
    return file
  }

  /// Checks that images and labels fit together, and each label's range.
  static func pair(images: File, labels: File, classes: Int) throws -> LabelledImages {
    guard labels.count == images.count else {
      throw DatasetError(
        file: labels.path,
        "\(labels.count) labels for the \(images.count) images of \(images.path): the two files do not belong together"
      )
    }
    let copy = AlignedMemory(byteCount: images.count * MemoryLayout<Int32>.stride)
    let values = UnsafeMutableBufferPointer(
      start: copy.baseAddress.bindMemory(to: Int32.self, capacity: images.count), count: images.count)
    for (row, label) in try labels.labels(classes: classes).enumerated() { values[row] = Int32(label) }
    let pixels = try images.pixels()
    return LabelledImages(
      path: labels.path, shape: images.shape, pixels: pixels.values, labels: UnsafeBufferPointer(values),
      classes: classes, memory: [pixels.memory, copy])
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
