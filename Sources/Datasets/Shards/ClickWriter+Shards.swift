import Files
import Foundation

extension ClickWriter {
  /// A file that atomic writing owns, where a class can hold it.
  final class HeldFile {
    private var file: AtomicFile?

    init(_ path: String) throws { file = try AtomicFile(path) }

    var byteCount: Int { file?.byteCount ?? 0 }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try file!.write(bytes) }
    func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
    func pad() throws { try file!.pad(to: NativeHeader.sectionAlignment) }
    func overwrite(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try file!.overwrite($0, at: 0) } }
    func flush() throws { try file!.flush() }

    func commit(as path: String) throws {
      guard let file = file.take() else { preconditionFailure("a file that has its place") }
      try file.commit(as: path)
    }
  }

  /// A shard that records are added to. Its header is written when the last is finished: it names their number.
  final class OpenShard {
    private(set) var rows = 0
    private var positives = 0
    private let file: HeldFile
    private let stride: Int
    private var checksums: [UInt32] = []
    /// Checksum of the block that is not full yet.
    private var checksum: UInt32 = 0
    private var blockRows = 0
    /// Small pieces reach the file together.
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 20

    init(_ path: String, headerSize: Int, header: ClickHeader, schema: [UInt8], stride: Int) throws {
      file = try HeldFile(path)
      self.stride = stride
      buffer.reserveCapacity(Self.bufferSize)
      try file.write(try NativeHeader.bytes(for: header, schemaSize: headerSize))
      try file.write(schema)
      try file.pad()
    }

    func add(_ records: UnsafeRawBufferPointer, rows count: Int, positives found: Int) throws {
      rows += count
      positives += found
      sum(records)
      if buffer.count + records.count > Self.bufferSize { try flushBuffer() }
      if records.count >= Self.bufferSize { return try file.write(records) }
      buffer.append(contentsOf: records)
    }

    func finish() throws -> FinishedShard {
      try flushBuffer()
      if blockRows > 0 { closeBlock() }
      try file.pad()
      try checksums.withUnsafeBytes { try file.write($0) }
      return FinishedShard(file: file, rows: rows, positives: positives, checksums: checksums)
    }

    private func sum(_ records: UnsafeRawBufferPointer) {
      var rest = records[...]
      while !rest.isEmpty {
        let part = rest.prefix((ClickWriter.blockRows - blockRows) * stride)
        checksum = Checksum.crc32(UnsafeRawBufferPointer(rebasing: part), after: checksum)
        blockRows += part.count / stride
        if blockRows == ClickWriter.blockRows { closeBlock() }
        rest = rest.dropFirst(part.count)
      }
    }

    private func closeBlock() {
      checksums.append(checksum.littleEndian)
      checksum = 0
      blockRows = 0
    }

    private func flushBuffer() throws {
      try file.write(buffer)
      buffer.removeAll(keepingCapacity: true)
    }
  }

  /// A shard with all of its rows and checksums.
  struct FinishedShard {
    let file: HeldFile
    let rows: Int
    let positives: Int
    /// As they lie in the file.
    let checksums: [UInt32]

    /// - Parameter header: with what all shards share, and this one's number.
    func writeHeader(_ header: ClickHeader, size: Int) throws {
      var header = header
      header.rows = rows
      header.positives = positives
      header.checksums = checksums.withUnsafeBytes { .init(bytes: $0.count, crc32: Checksum.crc32($0)) }
      try file.overwrite(try NativeHeader.bytes(for: header, schemaSize: size))
      try file.flush()
    }
  }
}
