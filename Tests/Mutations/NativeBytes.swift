import Configuration
import StoredFiles

/// A `.lockstep` file whose JSON can be changed and still has the right checksums, as `docs/native-format.md` describes it.
struct NativeBytes {
  /// The JSON in the header.
  var header: [UInt8]
  /// All sections.
  private var sections: [UInt8]

  private static let fixedSize = 64
  private static let page = 4096

  init(_ bytes: [UInt8]) {
    let size = Self.word(bytes, 12)
    header = Array(bytes[Self.fixedSize..<Self.fixedSize + size])
    sections = Array(bytes[Self.aligned(Self.fixedSize + size)...])
  }

  /// The whole file.
  var bytes: [UInt8] {
    var head: [UInt8] = [0x89] + Array("LSTEP\r\n".utf8)
    head += Self.littleEndian([1, UInt32(header.count), Self.crc32(header[...])])
    head += Array(repeating: 0, count: Self.fixedSize - 4 - head.count)
    head += Self.littleEndian([Self.crc32(head[...])])
    return Self.padded(head + header) + sections
  }

  func changingHeader(_ path: String, _ change: StoredChange) throws -> NativeBytes {
    var changed = self
    changed.header = Array(try Self.node(header).json(changing: path, change).utf8)
    return changed
  }

  /// The schema of a shard of clicks.
  var schema: [UInt8] { get throws { Array(sections[..<(try size("schema"))]) } }

  func changingSchema(_ path: String, _ change: StoredChange) throws -> NativeBytes {
    let json = Array(try Self.node(schema).json(changing: path, change).utf8)
    let checksums = sections.suffix(try size("checksums"))
    var changed = self
    changed.sections = Self.padded(json) + sections[Self.aligned(try size("schema"))...]
    let crc = Self.crc32(json[...])
    for (path, value) in [
      ("schema.bytes", "\(json.count)"), ("schema.crc32", "\(crc)"), ("set", "\(Self.crc32(checksums, after: crc))"),
    ] {
      changed = try changed.changingHeader(path, .replaced(value))
    }
    return changed
  }

  static func node(_ json: [UInt8]) throws -> ConfigurationNode {
    try json.withUnsafeBytes { try ConfigurationNode(json: $0, source: "header", line: nil) }
  }

  private func size(_ section: String) throws -> Int {
    let entries = try Self.node(header).entries().first { $0.key == section }?.value.entries() ?? []
    return try entries.first { $0.key == "bytes" }?.value.whole() ?? 0
  }

  private static func aligned(_ offset: Int) -> Int { (offset + page - 1) / page * page }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + Array(repeating: 0, count: aligned(bytes.count) - bytes.count)
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  private static func littleEndian(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }

  private static func crc32(_ bytes: ArraySlice<UInt8>, after earlier: UInt32 = 0) -> UInt32 {
    var value = ~earlier
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
