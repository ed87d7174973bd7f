import Buffers
import Files

/// CIFAR-10's binary files: records of a label and 32 × 32 pixels, all of red, then all of green, then all of blue.
///
/// Krizhevsky, "Learning multiple layers of features from tiny images" (2009), and the page of the data set.
enum CIFAR {
  static let trainNames = (1...5).map { "data_batch_\($0).bin" }
  static let testName = "test_batch.bin"
  static let shape = Shape(32, 32, 3)
  /// Bytes: the label, and three planes.
  static let recordSize = 1 + shape.count

  /// One file, its length checked.
  struct File {
    let path: String
    let memory: AlignedMemory
    var count: Int { memory.byteCount / recordSize }
    var labels: [UInt8] { (0..<count).map { memory.bytes[$0 * recordSize] } }
  }

  /// The files of a folder.
  struct Folder {
    let path: String
    let train: [File]
    let test: File

    /// - Throws: `DatasetError` where one of the six is missing or of a wrong length.
    init(_ path: String) throws {
      self.path = path
      train = try trainNames.map { try CIFAR.open("\(path)/\($0)") }
      test = try CIFAR.open("\(path)/\(testName)")
    }
  }

  static func isNamed(_ path: String) -> Bool { (trainNames + [testName]).contains(PathParts.name(of: path)) }

  /// - Throws: `DatasetError` where the file's length is not that of whole records.
  static func open(_ path: String) throws -> File {
    let memory = try MappedFile.open(path)
    guard memory.byteCount > 0 else {
      throw DatasetError(file: path, "the file holds no images: copy or download it again")
    }
    guard memory.byteCount.isMultiple(of: recordSize) else {
      throw DatasetError(
        file: path,
        "\(memory.byteCount) bytes, which is not a multiple of \(recordSize), a record of CIFAR-10 (a label and 32 × 32 × 3 "
          + "pixels): copy or download it again")
    }
    return File(path: path, memory: memory)
  }

  /// The images of files one after the other, each pixel's channels side by side.
  ///
  /// - Throws: `DatasetError` for a label that is no class.
  static func images(_ files: [File], classes: Int) throws -> LabelledImages {
    let images = ImageBuffer(count: files.reduce(0) { $0 + $1.count }, shape: shape)
    var row = 0
    for file in files {
      for record in 0..<file.count {
        let bytes = UnsafeRawBufferPointer(rebasing: file.memory.bytes[record * recordSize..<(record + 1) * recordSize])
        guard bytes[0] < classes else {
          throw LabelRange.error(file.path, label: Int(bytes[0]), row: record, classes: classes)
        }
        images.labels[row] = Int32(bytes[0])
        interleave(UnsafeRawBufferPointer(rebasing: bytes[1...]), to: images.pixels(of: row))
        row += 1
      }
    }
    return images.images(path: PathParts.folder(of: files[0].path), classes: classes)
  }

  private static func interleave(_ planes: UnsafeRawBufferPointer, to pixels: UnsafeMutableBufferPointer<UInt8>) {
    let channels = shape[2]
    let size = shape[0] * shape[1]
    for channel in 0..<channels {
      for place in 0..<size { pixels[place * channels + channel] = planes[channel * size + place] }
    }
  }
}
