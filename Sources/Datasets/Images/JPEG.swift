import Buffers
import CTurboJPEG

/// JPEG (ITU-T T.81) through libjpeg-turbo's TurboJPEG interface, which returns errors, and tells of a file that ends early.
enum JPEG: ImageFormat {
  static let name = "JPEG"
  static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

  static func facts(_ memory: AlignedMemory, _ path: String) throws -> ImageDecoder.Facts {
    try withDecoder(path) { decoder in
      var (width, height, subsampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
      let status = tjDecompressHeader3(
        decoder, bytes(memory), UInt(memory.byteCount), &width, &height, &subsampling, &colours)
      guard status == 0 else { throw error(path, message(decoder)) }
      // Cut short before its frame, it is no error to the library.
      guard width > 0, height > 0 else { throw error(path, "it says no size") }
      return ImageDecoder.Facts(
        size: ImageSize(height: Int(height), width: Int(width)), isColoured: colours != Int32(TJCS_GRAY.rawValue))
    }
  }

  static func decode(_ memory: AlignedMemory, _ path: String, _ size: ImageSize, channels: Int) throws -> [UInt8] {
    try withDecoder(path) { decoder in
      var pixels = [UInt8](repeating: 0, count: size.height * size.width * channels)
      let format = channels == 1 ? TJPF_GRAY : TJPF_RGB
      let status = tjDecompress2(
        decoder, bytes(memory), UInt(memory.byteCount), &pixels, Int32(size.width), 0, Int32(size.height),
        Int32(format.rawValue), TJFLAG_ACCURATEDCT)
      guard status == 0 else { throw error(path, message(decoder)) }
      return pixels
    }
  }

  private static func withDecoder<Result>(_ path: String, _ body: (tjhandle) throws -> Result) throws -> Result {
    guard let decoder = tjInitDecompress() else { throw DatasetError(file: path, "no memory to decode the file") }
    defer { tjDestroy(decoder) }
    return try body(decoder)
  }

  private static func bytes(_ memory: AlignedMemory) -> UnsafePointer<UInt8> {
    UnsafePointer(memory.baseAddress.assumingMemoryBound(to: UInt8.self))
  }

  private static func message(_ decoder: tjhandle) -> String {
    tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error"
  }
}
