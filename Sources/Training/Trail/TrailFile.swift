import Buffers
import Configuration
import Files
import Foundation

/// A trail opened for reading, step by step. Nothing is made larger than the bytes that are there.
package final class TrailFile {
  package let path: String
  package let header: TrailHeader
  /// Of the run that it belongs to.
  package let mark: UInt64
  private let descriptor: Int32
  /// Where the next frame begins, and the last one.
  private var next: Int
  private let end: Int
  private var last: Int?

  /// Of all frames: far more than a step of a hundred thousand microbatches' layers.
  private static let largestFrame = 1 << 28
  /// The last frame's bytes, with its size and hash.
  private static let endBytes = 32

  /// Looks at both ends. Throws `FileError`, `TrailError`, `ConfigurationError`.
  package init(_ path: String) throws {
    try InputFile.require(path, "a trail")
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    do {
      let size = try Self.size(descriptor, path)
      guard size >= TrailWriter.mark.count,
        try Self.bytes(descriptor, 0..<TrailWriter.mark.count, path) == TrailWriter.mark
      else { throw TrailError("\(path): this is no trail: make the run again with --trail") }
      let start = TrailWriter.mark.count
      let end = size - Self.endBytes
      let (json, next) = try Self.frame(descriptor, at: start, before: size, path)
      header = try json.withUnsafeBytes { try TrailHeader($0, source: path) }
      guard next <= end else { throw Self.damaged(path) }
      let words = Self.words(try Self.frame(descriptor, at: end, before: size, path).bytes)
      guard words.count == 2, words[0] == TrailWriter.end else { throw Self.damaged(path) }
      (mark, self.next, self.end) = (words[1], next, end)
    } catch {
      close(descriptor)
      throw error
    }
    (self.path, self.descriptor) = (path, descriptor)
  }

  deinit { close(descriptor) }

  /// Each rank's part of the next step, all with their sums; nil after the last.
  ///
  /// - Throws: `TrailError`, `FileError`.
  package func nextStep() throws -> [TrailPart]? {
    guard next < end else { return nil }
    let (bytes, after) = try Self.frame(descriptor, at: next, before: end, path)
    do {
      let parts = try parts(Self.words(bytes))
      (next, last) = (after, parts[0].update)
      return parts
    } catch let error as TrailError {
      throw TrailError("\(path): damaged at byte \(next): \(error); make the run again with --trail")
    }
  }

  private func parts(_ frame: [UInt64]) throws -> [TrailPart] {
    var words = TrailWords(frame)
    guard try words.take() == TrailWriter.step else { throw TrailError("no step begins there") }
    let first = try TrailPart(&words, header.shape)
    guard let sums = first.sums else { throw TrailError("the first rank has no sums") }
    var parts = [first]
    for _ in 1..<header.ranks {
      var part = try TrailPart(&words, header.shape)
      guard part.update == first.update, part.epoch == first.epoch else { throw TrailError("ranks are at other steps") }
      part.sums = part.sums ?? sums
      parts.append(part)
    }
    guard words.isAtEnd else { throw TrailError("words are left over") }
    guard last.map({ $0 + 1 == first.update }) ?? true else { throw TrailError("steps do not follow one another") }
    return parts
  }

  private static func damaged(_ path: String) -> TrailError {
    TrailError("\(path): cut short or damaged: make the run again with --trail")
  }

  /// A frame's bytes, and where the one behind it begins.
  private static func frame(_ descriptor: Int32, at start: Int, before end: Int, _ path: String) throws -> (
    bytes: [UInt8], next: Int
  ) {
    guard start >= 0, end - start >= 16 else { throw damaged(path) }
    let size = words(try bytes(descriptor, start..<start + 8, path))[0]
    guard size <= UInt64(min(end - start - 16, largestFrame)) else { throw damaged(path) }
    let padded = (Int(size) + 7) / 8 * 8
    guard padded <= end - start - 16 else { throw damaged(path) }
    let body = try bytes(descriptor, start + 8..<start + 16 + padded, path)
    guard TrailWriter.hash(body[..<padded]) == words(Array(body[padded...]))[0] else { throw damaged(path) }
    return (Array(body[..<Int(size)]), start + 16 + padded)
  }

  /// What is left over does not count.
  private static func words(_ bytes: [UInt8]) -> [UInt64] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
    }
  }

  private static func size(_ descriptor: Int32, _ path: String) throws -> Int {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw FileError("read", path) }
    return Int(facts.st_size)
  }

  private static func bytes(_ descriptor: Int32, _ range: Range<Int>, _ path: String) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var done = 0
    while done < range.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, range.count - done, off_t(range.lowerBound + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", path) }
      guard count > 0 else { throw damaged(path) }
      done += count
    }
    return bytes
  }
}
