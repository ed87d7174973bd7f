import Buffers
import Configuration
import Foundation

/// The first part of a `.lockstep` file: 64 fixed bytes and a JSON schema. `docs/native-format.md` describes the format.
enum NativeHeader {
  static let magic: [UInt8] = [0x89, 0x4C, 0x53, 0x54, 0x45, 0x50, 0x0D, 0x0A]  // \x89 LSTEP \r\n
  /// Those that this program reads; it writes the first that can hold a file's schema.
  static let versions: ClosedRange<UInt32> = 1...2
  static let fixedSize = 64
  /// Sections begin on pages, so that a mapped file's views are aligned.
  static let sectionAlignment = 4096

  private static let versionOffset = 8
  private static let schemaSizeOffset = 12
  private static let schemaChecksumOffset = 16
  private static let headerChecksumOffset = 60

  /// The same value has the same bytes, always.
  static func json(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
  }

  /// Header, schema and the zeros up to the first section.
  ///
  /// - Parameters:
  ///   - schemaSize: the schema is filled up with spaces to this size: room for one that is known later.
  ///   - version: the first that knows all of the schema's keys.
  static func bytes(for schema: some Encodable, schemaSize: Int = 0, version: UInt32 = 1) throws -> [UInt8] {
    var json = try json(schema)
    json += [UInt8](repeating: UInt8(ascii: " "), count: max(schemaSize - json.count, 0))
    var bytes = [UInt8](repeating: 0, count: alignedEnd(fixedSize + json.count))
    bytes.replaceSubrange(0..<magic.count, with: magic)
    bytes.replaceSubrange(fixedSize..<fixedSize + json.count, with: json)
    bytes.withUnsafeMutableBytes { bytes in
      bytes.store(version, at: versionOffset)
      bytes.store(UInt32(json.count), at: schemaSizeOffset)
      bytes.store(Checksum.crc32(json), at: schemaChecksumOffset)
      bytes.store(Checksum.crc32(UnsafeRawBufferPointer(bytes)[..<headerChecksumOffset]), at: headerChecksumOffset)
    }
    return bytes
  }

  /// The schema of a file, and where its first section begins.
  static func read<Schema>(
    _ memory: AlignedMemory, _ path: String, _ read: (ConfigurationNode) throws -> Schema
  ) throws -> (schema: Schema, end: Int) {
    let (json, end) = try schema(memory, path)
    do {
      // Its version is that of the file.
      return (try read(ConfigurationNode(json: json, source: "its schema, at byte \(fixedSize)", line: nil)), end)
    } catch let error as ConfigurationError {
      throw DatasetError(file: path, "\(error); make the file again with lockstep convert or lockstep synthesize")
    }
  }

  /// Version of a file that was read.
  static func version(_ memory: AlignedMemory) -> UInt32 { memory.bytes.word(versionOffset) }

  /// Kind of data that a file holds.
  static func kind(_ memory: AlignedMemory, _ path: String) throws -> NativeKind {
    let name = try read(memory, path) { node in try node.entries().first { $0.key == NativeKind.key }?.value.anyText() }
    // Image files, which came first, do not say.
    guard let name = name.schema else { return .images }
    guard let kind = NativeKind(rawValue: name) else {
      throw DatasetError(file: path, "it holds \(name.shown); this program reads images and clicks")
    }
    return kind
  }

  private static func schema(
    _ memory: AlignedMemory, _ path: String
  ) throws -> (json: UnsafeRawBufferPointer, end: Int) {
    let bytes = memory.bytes
    guard bytes.starts(with: magic.prefix(bytes.count)) else {
      throw DatasetError(file: path, "not a .lockstep file: its first bytes are others: make it with lockstep convert")
    }
    guard bytes.count >= fixedSize else { throw cutShort(path, bytes.count) }
    let found = bytes.word(versionOffset)
    guard versions ~= found else {
      throw DatasetError(
        file: path,
        "written in version \(found) of the format; this program reads versions \(versions.lowerBound) and "
          + "\(versions.upperBound): convert it again")
    }
    guard Checksum.crc32(bytes[..<headerChecksumOffset]) == bytes.word(headerChecksumOffset) else {
      throw wrongChecksum(path, "header", 0)
    }
    let schemaEnd = fixedSize + Int(bytes.word(schemaSizeOffset))
    guard bytes.count >= schemaEnd else { throw cutShort(path, bytes.count) }
    let json = bytes[fixedSize..<schemaEnd]
    guard Checksum.crc32(json) == bytes.word(schemaChecksumOffset) else {
      throw wrongChecksum(path, "schema", fixedSize)
    }
    return (UnsafeRawBufferPointer(rebasing: json), alignedEnd(schemaEnd))
  }

  static func alignedEnd(_ offset: Int) -> Int { (offset + sectionAlignment - 1) / sectionAlignment * sectionAlignment }

  static func isNative(_ memory: AlignedMemory) -> Bool { memory.bytes.starts(with: magic) }

  static func cutShort(_ path: String, _ offset: Int) -> DatasetError {
    DatasetError(
      file: path, "cut short: it ends at byte \(offset): copy it again, or make it again with lockstep convert")
  }

  static func wrongChecksum(_ path: String, _ part: String, _ offset: Int) -> DatasetError {
    DatasetError(
      file: path,
      "the checksum of its \(part), at byte \(offset), is wrong: the file is damaged: copy it again, or make it again "
        + "with lockstep convert")
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func store(_ word: UInt32, at offset: Int) {
    storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt32.self)
  }
}
