/// How much a packed file may become. Text and images of the real world shrink to a hundredth at most; what grows without
/// bound from a small file was made to fill memory and disks.
enum UnpackedSize {
  /// Bytes for each byte of the file. (Deflate itself ends at about 1032, xz at several thousand.)
  static let mostRatio = 256
  /// Below this no ratio matters.
  private static let harmless = 64 << 20

  /// - Throws: `DatasetError` where `count` bytes are too many for a file of `packed` bytes.
  static func require(_ count: Int, from packed: Int, _ path: String) throws {
    guard count > harmless, count / mostRatio > packed else { return }
    throw DatasetError(
      file: path,
      "it unpacks to more than \(mostRatio) times its own \(packed) bytes, which is no data set; if it is, unpack it first"
    )
  }
}
