/// A form of data that is not text, but known by its first bytes, and what to do about it.
struct ForeignFormat {
  /// For errors.
  let problem: String

  /// Bytes that tell.
  static let signatureSize = 10

  /// Nil for what may be text.
  ///
  /// - Parameter start: of the file.
  init?(_ start: some Collection<UInt8>, _ path: String) {
    let isArchive = start.starts(with: ZipArchive.signature) && path.hasSuffix(".npz")
    if isArchive || start.starts(with: NumPyHeader.signature) {
      problem =
        "this holds NumPy's arrays, which are read where the schema says 'format: numpy' and names their columns"
      return
    }
    let known = Self.all.first { start.dropFirst($0.offset).starts(with: $0.signature) }
    guard let known else { return nil }
    problem =
      "this is \(known.name), which is not read: write the text that \(known.command) makes of it to a file, or pipe it into "
      + "lockstep convert -"
  }

  /// Each so that no header or row is taken for it: some letters alone may be a column's name. The commands write text to
  /// their standard output; `FILE` stands for the file.
  private static let all: [(offset: Int, signature: [UInt8], name: String, command: String)] = [
    (0, [0x28, 0xB5, 0x2F, 0xFD], "Zstandard data", "zstd -dc FILE"),
    // Its first block's, behind `BZh` and a digit.
    (4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2 data", "bzip2 -dc FILE"),
    (0, [0x50, 0x4B, 0x03, 0x04], "a zip archive", "unzip -p FILE"),
    (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", "7z x -so FILE"),
    (0, Array("PAR1".utf8) + [0x15], "Parquet data", "duckdb -csv -c \"FROM 'FILE'\""),
    (0, [0xFF, 0xFE], "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"),
    (0, [0xFE, 0xFF], "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"),
  ]
}
