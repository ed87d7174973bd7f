import Buffers
import Configuration
import Files
import Foundation

/// A safetensors file opened for reading, whose header has been checked. Its numbers are read where they go, not mapped: a
/// file that is cut short meanwhile is an error, not a signal.
final class SafeTensorsFile {
  let url: URL
  let header: SafeTensorsHeader
  private let descriptor: Int32
  /// Where the numbers begin.
  private let start: Int

  private static let partBytes = 1 << 22

  /// - Throws: `SafeTensors.Failure`, `FileError`.
  init(_ url: URL) throws {
    try InputFile.require(url.path, "a safetensors file")
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", url.path) }
    do {
      (header, start) = try Self.header(descriptor, url)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    self.url = url
  }

  deinit { close(descriptor) }

  /// Bytes of all tensors together.
  var numberBytes: Int { header.entries.values.reduce(0) { $0 + $1.range.count } }

  /// - Parameter bytes: as many as the tensor has.
  func read(_ name: String, into bytes: UnsafeMutableRawBufferPointer) throws {
    let range = header.entries[name]!.range
    precondition(range.count == bytes.count, "\(bytes.count) bytes for '\(name)', which has \(range.count)")
    try Self.read(descriptor, bytes, at: start + range.lowerBound, url)
  }

  /// Hands out a tensor's bytes piece by piece.
  func forEachPart(of name: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let range = header.entries[name]!.range
    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: min(Self.partBytes, max(range.count, 1)), alignment: 8)
    defer { part.deallocate() }
    var next = range.lowerBound
    while next < range.upperBound {
      let piece = UnsafeMutableRawBufferPointer(rebasing: part[..<min(part.count, range.upperBound - next)])
      try Self.read(descriptor, piece, at: start + next, url)
      try body(UnsafeRawBufferPointer(piece))
      next += piece.count
    }
  }

  /// Fills some rows of a tensor, and leaves the others as they are.
  ///
  /// - Parameters:
  ///   - tensor: `[rows, …]`.
  ///   - rows: of each row of the file's floats, its row in the tensor; as many as the file has.
  func read(_ name: String, into tensor: Tensor, rows: [some BinaryInteger]) throws {
    let rowBytes = tensor.count / tensor.shape[0] * MemoryLayout<Float>.stride
    let target = UnsafeMutableRawBufferPointer(tensor.buffer)
    precondition(header.entries[name]!.range.count == rows.count * rowBytes, "'\(name)' is not of \(rows.count) rows")
    var offset = 0
    try forEachPart(of: name) { part in
      var start = 0
      // A part may end within a row.
      while start < part.count {
        let (row, place) = offset.quotientAndRemainder(dividingBy: rowBytes)
        let count = min(rowBytes - place, part.count - start)
        let bytes = UnsafeRawBufferPointer(rebasing: part[start..<start + count])
        let first = Int(rows[row]) * rowBytes + place
        UnsafeMutableRawBufferPointer(rebasing: target[first..<first + count]).copyMemory(from: bytes)
        start += count
        offset += count
      }
    }
  }

  private static func header(_ descriptor: Int32, _ url: URL) throws -> (SafeTensorsHeader, start: Int) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw FileError("read", url.path) }
    let count = Int(facts.st_size)
    let damaged = SafeTensors.Failure(description: "\(url.path): not a safetensors file, or truncated; write it again")
    guard count >= 8 else { throw damaged }
    let length = try data(descriptor, 8, at: 0, url).withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard length <= UInt64(count - 8) else { throw damaged }
    guard length <= UInt64(SafeTensorsHeader.largest) else {
      throw SafeTensors.Failure(
        description: "\(url.path): a header of \(length) bytes, and none has more than \(SafeTensorsHeader.largest); "
          + "write it again")
    }
    let start = 8 + Int(length)
    do {
      return (
        try SafeTensorsHeader(data(descriptor, Int(length), at: 8, url), source: url.path, numbers: count - start),
        start
      )
    } catch let problem as SafeTensorsHeader.Problem {
      throw SafeTensors.Failure(description: "\(url.path): \(problem.description); write it again")
    } catch let error as ConfigurationError {
      throw SafeTensors.Failure(description: "\(error); write it again")
    }
  }

  private static func data(_ descriptor: Int32, _ count: Int, at offset: Int, _ url: URL) throws -> Data {
    var data = Data(count: count)
    try data.withUnsafeMutableBytes { try read(descriptor, $0, at: offset, url) }
    return data
  }

  private static func read(
    _ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int, _ url: URL
  ) throws {
    var done = 0
    while done < bytes.count {
      let part = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor, part.baseAddress, min(part.count, 1 << 26), off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", url.path) }
      guard count > 0 else {
        throw SafeTensors.Failure(description: "\(url.path): cut short while it was read; write it again")
      }
      done += count
    }
  }
}
