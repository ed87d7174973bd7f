import Buffers
import Configuration
import Foundation

/// One shard of click data: mapped, never parsed. Its header and schema are checked when it is opened, its rows by
/// `verify`.
struct ClickFile {
  let path: String
  let header: ClickHeader
  /// The click schema's JSON, as stored.
  let schemaBytes: UnsafeRawBufferPointer
  let records: UnsafeRawBufferPointer
  /// CRC-32 of each block, as stored.
  let checksums: UnsafeRawBufferPointer
  /// Keeps the three alive.
  let memory: AlignedMemory

  static func open(_ path: String) throws -> ClickFile {
    let memory = try MappedFile.open(path)
    guard try NativeHeader.kind(memory, path) == .clicks else {
      throw DatasetError(file: path, "it holds images, not clicks")
    }
    let (header, start) = try NativeHeader.read(memory, path) { try ClickHeader($0) }
    try header.checkSense(path)
    var end = start
    let schema = try section(memory, path, "click schema", header.schema.bytes, after: &end)
    let records = try section(memory, path, "rows", header.recordBytes, after: &end)
    let checksums = try section(memory, path, "checksums", header.checksums.bytes, after: &end)
    guard memory.byteCount == end else {
      throw DatasetError(file: path, "\(memory.byteCount - end) bytes follow its end, at byte \(end): \(remedy)")
    }
    guard Checksum.crc32(schema) == header.schema.crc32 else {
      throw NativeHeader.wrongChecksum(path, "click schema", start)
    }
    guard Checksum.crc32(checksums) == header.checksums.crc32 else {
      throw NativeHeader.wrongChecksum(path, "checksums", end - checksums.count)
    }
    return ClickFile(
      path: path, header: header, schemaBytes: schema, records: records, checksums: checksums, memory: memory)
  }

  static let remedy = "copy it again, or make it again with lockstep convert or lockstep synthesize"

  /// The schema, in agreement with the header.
  func schema() throws -> ClickSchema {
    let schema: ClickSchema
    do {
      schema = try ClickSchema(ConfigurationNode(json: schemaBytes, source: "its click schema", line: nil))
    } catch {
      throw DatasetError(file: path, "\(error); convert the data again")
    }
    guard schema.layout == header.layout else {
      throw DatasetError(
        file: path,
        "its header has \(header.dense) dense values and \(header.fields) id fields\(header.layout.weightWords), its schema "
          + "\(schema.dense.count) and \(schema.layout.fields)\(schema.layout.weightWords): \(Self.remedy)")
    }
    return schema
  }

  /// Byte for byte: a vocabulary can be long, and need not be decoded for this.
  func hasSchema(of other: ClickFile) -> Bool {
    schemaBytes.count == other.schemaBytes.count
      && memcmp(schemaBytes.baseAddress!, other.schemaBytes.baseAddress!, schemaBytes.count) == 0
  }

  /// Reads every row once: checksums, labels, values, ids.
  func verify(_ check: ClickRecordCheck) throws {
    var positives = 0
    for block in 0..<header.blocks {
      positives += try verify(block, check)
      forget(block)
    }
    try LostPages.requireNone()
    guard positives == header.positives else {
      throw DatasetError(
        file: path, "its header says that \(header.positives) labels are 1, but \(positives) are: \(Self.remedy)")
    }
  }

  private func verify(_ block: Int, _ check: ClickRecordCheck) throws -> Int {
    let stride = header.layout.stride
    let first = block * header.blockRows
    let count = min(header.blockRows, header.rows - first)
    let bytes = UnsafeRawBufferPointer(rebasing: records[first * stride..<(first + count) * stride])
    let stored = checksums.loadUnaligned(fromByteOffset: 4 * block, as: UInt32.self)
    guard Checksum.crc32(bytes) == UInt32(littleEndian: stored) else {
      let offset = bytes.baseAddress! - UnsafeRawPointer(memory.baseAddress)
      throw NativeHeader.wrongChecksum(path, "block \(block) (rows \(first) to \(first + count - 1))", offset)
    }
    switch check.positives(in: bytes) {
    case .success(let positives): return positives
    case .failure(let problem):
      throw DatasetError(file: path, "row \(first + problem.row): \(problem.description): \(Self.remedy)")
    }
  }

  /// A verified block stays in the system's cache, but no longer counts as this process's memory.
  private func forget(_ block: Int) {
    let page = NativeHeader.sectionAlignment
    let size = header.blockRows * header.layout.stride
    let start = block * size / page * page
    let end = min((block + 1) * size, records.count)
    madvise(UnsafeMutableRawPointer(mutating: records.baseAddress! + start), end - start, MADV_DONTNEED)
  }

  private static func section(
    _ memory: AlignedMemory, _ path: String, _ name: String, _ size: Int, after end: inout Int
  ) throws -> UnsafeRawBufferPointer {
    let start = NativeHeader.alignedEnd(end)
    guard memory.byteCount >= start, memory.byteCount - start >= size else {
      throw DatasetError(
        file: path,
        "cut short: it ends at byte \(memory.byteCount), but its \(name) end at byte \(start + size): \(remedy)")
    }
    end = start + size
    return UnsafeRawBufferPointer(rebasing: memory.bytes[start..<end])
  }
}

extension ClickRecordLayout {
  fileprivate var weightWords: String { isWeighted ? " with a weight" : "" }
}

extension ClickHeader {
  /// Numbers that agree.
  fileprivate func checkSense(_ path: String) throws {
    guard rows <= rowsPerShard, positives <= rows, shard < shards,
      checksums.bytes == blocks * MemoryLayout<UInt32>.stride
    else {
      throw DatasetError(
        file: path,
        "its header makes no sense: shard \(shard) of \(shards), \(rows) rows of at most \(rowsPerShard), \(positives) "
          + "positive, \(dense) dense values, \(fields) id fields, blocks of \(blockRows) rows with "
          + "\(checksums.bytes) bytes of checksums: \(ClickFile.remedy)")
    }
  }
}
