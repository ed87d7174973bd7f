import Buffers
import Files
import Foundation

/// One rank's file of a checkpoint: its share of every array that all ranks have alike, all of what it has alone, and, of the first
/// rank, the text. Each file says what its own bytes hash to, so that a checkpoint is whole when all its files are there and whole.
struct CheckpointPart {
  /// A flat array, and how much of it is in this file.
  typealias Array = (name: String, tensor: Tensor)

  let path: String
  private let file: SafeTensorsFile

  private static let (text, textHash, numbersHash) = ("text", "textSHA256", "numbersSHA256")

  /// The share of `rank` in an array of `count` floats.
  static func range(_ count: Int, rank: Int, of ranks: Int) -> Range<Int> {
    count * rank / ranks..<count * (rank + 1) / ranks
  }

  /// Writes a file at once. Throws `FileError`.
  static func write(_ arrays: [Array], text: String, to path: String) throws {
    let metadata = [
      "format": "lockstep \(Lockstep.version) checkpoint", Self.text: text, textHash: WeightsHash.sha256(text),
      numbersHash: WeightsHash.sha256(arrays.map(\.tensor)),
    ]
    try SafeTensors.write(arrays, metadata: metadata, to: URL(fileURLWithPath: path))
  }

  /// Opens a file, looking at its header alone. Throws `SafeTensors.Failure`, `FileError`.
  init(_ path: String) throws {
    self.path = path
    file = try SafeTensorsFile(URL(fileURLWithPath: path))
  }

  /// - Throws: `SafeTensors.Failure`, `CheckpointError` where a byte is not what was written.
  func requireWhole() throws {
    let metadata = file.header.metadata
    guard WeightsHash.sha256(try text()) == metadata[Self.textHash] else {
      throw CheckpointError("\(path): damaged: its text is not what was written")
    }
    var digest = SHA256Digest()
    for name in file.header.names { try file.forEachPart(of: name) { digest.add($0) } }
    guard digest.text() == metadata[Self.numbersHash] else {
      throw CheckpointError("\(path): damaged: its numbers are not what was written")
    }
  }

  func text() throws -> String {
    guard let text = file.header.metadata[Self.text] else { throw CheckpointError("\(path): not a checkpoint's file") }
    return text
  }

  /// Fills these stretches of arrays. Throws `SafeTensors.Failure` where the file has others.
  func read(into arrays: [Array]) throws {
    for (name, tensor) in arrays {
      guard let entry = file.header.entries[name], entry.dtype == "F32", entry.shape == [tensor.count] else {
        throw CheckpointError("\(path): has no '\(name)' of \(tensor.count) numbers, which this run needs")
      }
      try file.read(name, into: UnsafeMutableRawBufferPointer(tensor.buffer))
    }
  }
}
