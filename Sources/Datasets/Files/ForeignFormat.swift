/// A form of data that is not read, but known by its first bytes, and a program that makes text of it.
struct ForeignFormat {
  /// As people call it.
  let name: String
  /// Writes text to its standard output; `FILE` stands for the file.
  let command: String

  /// Bytes that tell.
  static let signatureSize = 10

  /// Nil for what may be text.
  ///
  /// - Parameter start: of the file.
  init?(_ start: some Collection<UInt8>) {
    let known = Self.all.first { start.dropFirst($0.offset).starts(with: $0.signature) }
    guard let known else { return nil }
    (name, command) = (known.name, known.command)
  }

  /// For errors.
  var problem: String {
    "this is \(name), which is not read: write the text that \(command) makes of it to a file, or pipe it into lockstep convert -"
  }

  /// Each so that no header or row is taken for it: some letters alone may be a column's name.
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
