import Buffers
import CPNG

/// PNG (ISO/IEC 15948) through libpng's simplified interface, which reports an error where the other one jumps. Any depth and
/// colour type becomes 8 bits; what is transparent lies on black.
enum PNG: ImageFormat {
  static let name = "PNG"
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func facts(_ memory: AlignedMemory, _ path: String) throws -> ImageDecoder.Facts {
    try read(memory, path) { image in
      ImageDecoder.Facts(
        size: ImageSize(height: Int(image.height), width: Int(image.width)),
        isColoured: image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0)
    }
  }

  static func decode(_ memory: AlignedMemory, _ path: String, _ size: ImageSize, channels: Int) throws -> [UInt8] {
    try read(memory, path) { image in
      // Without it 16 bits would be taken for light, not for the values that 8 bits hold.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      image.format = channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)
      var black = png_color(red: 0, green: 0, blue: 0)
      var pixels = [UInt8](repeating: 0, count: size.height * size.width * channels)
      let isWhole = pixels.withUnsafeMutableBytes { png_image_finish_read(&image, &black, $0.baseAddress, 0, nil) }
      guard isWhole != 0 else { throw error(path, message(image)) }
      return pixels
    }
  }

  private static func read<Result>(
    _ memory: AlignedMemory, _ path: String, _ body: (inout png_image) throws -> Result
  ) throws -> Result {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_memory(&image, memory.baseAddress, memory.byteCount) != 0 else {
      throw error(path, message(image))
    }
    return try body(&image)
  }

  private static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
