import Buffers
import Files
import Foundation

/// One rank's file of a checkpoint: its share of every array that all ranks have alike, all of what it has alone, and, of the first
/// rank, the text. Each file says what its own bytes hash to, so that a checkpoint is whole when all its files are there and whole. Where
/// it has only what changed since a full checkpoint, it says what the numbers of the same rank's file of that one hash to.
struct CheckpointPart {
  /// A flat array, and how much of it is in this file.
  typealias Array = (name: String, tensor: Tensor)

  let path: String
  private let file: SafeTensorsFile

  private static let (text, textHash, numbersHash, arraysHash, fullHash) = (
    "text", "textSHA256", "numbersSHA256", "arraysSHA256", "fullNumbersSHA256"
  )

  /// The share of `rank` in an array of `count` floats.
  static func range(_ count: Int, rank: Int, of ranks: Int) -> Range<Int> {
    count * rank / ranks..<count * (rank + 1) / ranks
  }

  /// Writes a file at once.
  ///
  /// - Parameter full: what the numbers of the full checkpoint's file hash to; nil in a full one.
  /// - Returns: what these numbers hash to.
  /// - Throws: `FileError`.
  static func write(
    _ arrays: [(name: String, numbers: SafeTensors.Numbers)], text: String, full: String?, to path: String
  ) throws -> String {
    var digest = SHA256Digest()
    for (_, numbers) in arrays { numbers.withBytes { digest.add($0) } }
    let hash = digest.text()
    var metadata = [
      "format": "lockstep \(Lockstep.version) checkpoint", Self.text: text, textHash: WeightsHash.sha256(text),
      numbersHash: hash, arraysHash: listing(arrays.map { ($0.name, $0.numbers.type, $0.numbers.shape) }),
    ]
    metadata[fullHash] = full
    var output = try AtomicFile(path)
    try SafeTensors.write(arrays, metadata: metadata, to: &output)
    try output.commit()
    return hash
  }

  /// Hash of what an array's numbers are called.
  private static func listing(_ arrays: [(name: String, type: String, shape: [Int])]) -> String {
    WeightsHash.sha256(arrays.map { "\($0.name) \($0.type) \($0.shape)\n" }.joined())
  }

  /// Opens a file, looking at its header alone. Throws `SafeTensors.Failure`, `FileError`.
  init(_ path: String) throws {
    self.path = path
    file = try SafeTensorsFile(URL(fileURLWithPath: path))
  }

  /// - Throws: `SafeTensors.Failure`, `CheckpointError` where a byte is not what was written.
  func requireWhole() throws {
    let (header, metadata) = (file.header, file.header.metadata)
    guard WeightsHash.sha256(try text()) == metadata[Self.textHash] else { throw damaged("its text is") }
    let names = header.names
    let listing = Self.listing(names.map { ($0, header.entries[$0]!.dtype, header.entries[$0]!.shape) })
    // Earlier versions did not state it.
    guard listing == metadata[Self.arraysHash] ?? listing else { throw damaged("its list of arrays is") }
    var digest = SHA256Digest()
    for name in names { try file.forEachPart(of: name) { digest.add($0) } }
    guard digest.text() == metadata[Self.numbersHash] else { throw damaged("its numbers are") }
  }

  private func damaged(_ what: String) -> CheckpointError {
    CheckpointError("\(path): damaged: \(what) not what was written")
  }

  func text() throws -> String {
    guard let text = file.header.metadata[Self.text] else { throw CheckpointError("\(path): not a checkpoint's file") }
    return text
  }

  /// - Parameter full: the same rank's file of the full checkpoint; nil where this is to be of one.
  /// - Throws: `CheckpointError` where this was written for another.
  func requireOver(_ full: CheckpointPart?) throws {
    guard file.header.metadata[Self.fullHash] != full?.file.header.metadata[Self.numbersHash] else { return }
    throw CheckpointError("\(full?.path ?? path): not the full checkpoint that \(full == nil ? "it" : path) refers to")
  }

  func has(_ name: String) -> Bool { file.header.entries[name] != nil }

  /// Fills these stretches of arrays. Throws `SafeTensors.Failure`, `CheckpointError` where the file has others.
  func read(into arrays: [Array]) throws {
    for (name, tensor) in arrays {
      try require(name, [tensor.count])
      try file.read(name, into: UnsafeMutableRawBufferPointer(tensor.buffer))
    }
  }

  /// Fills some rows of arrays `[rows, …]`. Throws `SafeTensors.Failure`, `CheckpointError` where the file has others.
  ///
  /// - Parameter numbers: under which name the file has the rows' numbers.
  func read(rowsOf arrays: [Array], numbers: String) throws {
    guard let tableRows = arrays.first?.tensor.shape[0] else { return }
    let rows = try rowNumbers(numbers, tableRows: tableRows)
    for (name, tensor) in arrays {
      try require(name, [rows.count] + tensor.shape.dimensions.dropFirst())
      try file.read(name, into: tensor, rows: rows)
    }
  }

  /// Throws `SafeTensors.Failure`, `CheckpointError` where there is no list of rows of such a table.
  func rowNumbers(_ name: String, tableRows: Int) throws -> [Int32] {
    guard let entry = file.header.entries[name], entry.dtype == "U8" else {
      throw CheckpointError("\(path): has no '\(name)', which says which rows these are")
    }
    var bytes = [UInt8](repeating: 0, count: entry.range.count)
    try bytes.withUnsafeMutableBytes { try file.read(name, into: $0) }
    guard let rows = RowNumbers.decoded(bytes, tableRows: tableRows) else {
      throw CheckpointError("\(path): '\(name)' is no list of rows of a table of \(tableRows)")
    }
    return rows
  }

  private func require(_ name: String, _ shape: [Int]) throws {
    guard let entry = file.header.entries[name], entry.dtype == "F32", entry.shape == shape else {
      let numbers = shape.map { "\($0)" }.joined(separator: " × ")
      throw CheckpointError("\(path): has no '\(name)' of \(numbers) numbers, which this run needs")
    }
  }
}
