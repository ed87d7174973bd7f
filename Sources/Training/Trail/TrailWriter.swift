import Buffers
import Files
import Foundation

/// Writes a trail, on the first rank: `run.trail` beside `run.json`, there whole or not at all. What cannot be written is said at the
/// end; no run stops for it.
///
/// The file: eight bytes that mark it, then frames. A frame is the number of its bytes, the bytes, zeros up to a multiple of eight,
/// and the FNV-1a hash of these. The first frame is `TrailHeader` as JSON. Each step is one of words: 1, then each rank's
/// `TrailPart`. The last is 2 and the mark of the run. All numbers are 64 bits, little-endian.
package final class TrailWriter {
  /// Beside `run.json`.
  package static let name = "run.trail"

  package static let mark: [UInt8] = [0x89] + Array("TRAIL\r\n".utf8)
  /// First words of frames.
  static let (step, end): (UInt64, UInt64) = (1, 2)

  private var file: AtomicFile?
  private var problem: (any Error)?

  /// - Parameter folder: the run's.
  /// - Throws: `FileError` where nothing can be written there.
  package init(in folder: String, _ header: TrailHeader) throws {
    file = try AtomicFile("\(folder)/\(Self.name)")
    try write(Self.mark)
    try write(Self.frame(Array(RecordFile.encoder().encode(header))))
  }

  /// One step.
  ///
  /// - Parameter parts: of the ranks, in their order.
  package func write(_ parts: [TrailPart]) {
    guard problem == nil else { return }
    do { try frame([Self.step] + Self.sharing(parts).flatMap(\.words)) } catch {
      problem = error
      // What is not there for all steps is there for none.
      _ = file.take()
    }
  }

  /// Ranks that have the first one's sums do not say them again.
  private static func sharing(_ parts: [TrailPart]) -> [TrailPart] {
    parts.enumerated().map { rank, part in
      var part = part
      if rank > 0, part.sums == parts[0].sums { part.sums = nil }
      return part
    }
  }

  /// The file is in its place afterwards. Throws what went wrong on the way.
  ///
  /// - Parameter mark: of the run that it belongs to.
  package func finish(mark: UInt64) throws {
    if let problem { throw problem }
    try frame([Self.end, mark])
    guard let file = file.take() else { return }
    try file.commit()
  }

  private func frame(_ words: [UInt64]) throws { try write(Self.frame(words)) }

  /// The bytes of a frame of words.
  package static func frame(_ words: [UInt64]) -> [UInt8] {
    frame(words.map(\.littleEndian).withUnsafeBytes { Array($0) })
  }

  /// The bytes of a frame.
  package static func frame(_ contents: [UInt8]) -> [UInt8] {
    let padded = contents + Array(repeating: 0, count: (8 - contents.count % 8) % 8)
    return bytes(UInt64(contents.count)) + padded + bytes(hash(padded))
  }

  private static func bytes(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian, Array.init) }

  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(FNV1a.start) { FNV1a.hash($0, $1) } }

  private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try file?.write($0) } }
}
