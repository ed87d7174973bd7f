import Buffers

/// Pixels of one file.
struct DecodedImage {
  let size: ImageSize
  let channels: Int
  /// `[height, width, channels]`
  let pixels: [UInt8]
}

/// PNG and JPEG files, told apart by their first bytes.
enum ImageDecoder {
  struct Facts {
    let size: ImageSize
    let isColoured: Bool
  }

  /// An image of more pixels is no training sample: a small file may claim any size.
  static let mostPixels = 1 << 28

  /// From the file's header alone.
  ///
  /// - Throws: `DatasetError`.
  static func facts(of path: String) throws -> Facts {
    let memory = try MappedFile.open(path)
    let facts = try format(of: memory, path).facts(memory, path)
    let (pixels, overflows) = facts.size.height.multipliedReportingOverflow(by: facts.size.width)
    guard ImageSize.sides ~= facts.size.height, ImageSize.sides ~= facts.size.width, !overflows, pixels <= mostPixels
    else {
      throw DatasetError(
        file: path, "an image of \(facts.size) pixels, more than this program decodes: make it smaller")
    }
    return facts
  }

  /// - Parameter channels: 1 or 3.
  /// - Throws: `DatasetError` where the file is unreadable, cut short or damaged.
  static func decode(_ path: String, channels: Int) throws -> DecodedImage {
    let size = try facts(of: path).size
    let memory = try MappedFile.open(path)
    let pixels = try format(of: memory, path).decode(memory, path, size, channels: channels)
    return DecodedImage(size: size, channels: channels, pixels: pixels)
  }

  private static func format(of memory: AlignedMemory, _ path: String) throws -> any ImageFormat.Type {
    if memory.bytes.starts(with: PNG.signature) { return PNG.self }
    if memory.bytes.starts(with: JPEG.signature) { return JPEG.self }
    throw DatasetError(file: path, "neither a PNG nor a JPEG file: remove it, or make it one")
  }
}

/// One way of storing an image.
protocol ImageFormat {
  static var name: String { get }
  /// The file's first bytes.
  static var signature: [UInt8] { get }
  static func facts(_ memory: AlignedMemory, _ path: String) throws -> ImageDecoder.Facts
  static func decode(_ memory: AlignedMemory, _ path: String, _ size: ImageSize, channels: Int) throws -> [UInt8]
}

extension ImageFormat {
  /// - Parameter reason: the library's.
  static func error(_ path: String, _ reason: String) -> DatasetError {
    DatasetError(
      file: path, "the \(name) file is damaged or cut short (\(reason)): copy or make it again, or remove it")
  }
}
