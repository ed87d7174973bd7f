import Buffers
import Configuration
import Files
import Foundation
import Watch

/// The safetensors file format, version 0.x, floats only: eight bytes of header length, a JSON header with name, type,
/// shape and place of each tensor, then the numbers, little-endian and row-major.
///
/// Specification: https://github.com/huggingface/safetensors#format
public enum SafeTensors {
  /// A file of tensors is damaged, or not the one that is wanted.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence with file and remedy.
    public let description: String
  }

  /// Writes all or nothing: the file appears under its name only when it is whole and on disk.
  /// - Parameter metadata: free text that travels with the weights.
  /// - Throws: `FileError`.
  public static func write(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to file: URL) throws
  {
    var output = try AtomicFile(file.path)
    try write(tensors, metadata: metadata, to: &output)
    try output.commit()
  }

  static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to output: inout AtomicFile
  ) throws {
    try write(tensors.map { ($0.name, Numbers.floats($0.tensor)) }, metadata: metadata, to: &output)
  }

  static func write(
    _ tensors: [(name: String, numbers: Numbers)], metadata: [String: String], to output: inout AtomicFile
  ) throws {
    try output.write(
      SafeTensorsHeader.encoded(tensors.map { ($0.name, $0.numbers.type, $0.numbers.shape) }, metadata: metadata))
    for (_, numbers) in tensors {
      Fault.reach(.file)
      try numbers.withBytes { try output.write($0) }
    }
  }

  /// What a file has under a name.
  enum Numbers {
    case floats(Tensor)
    case bytes([UInt8])

    /// By the format's name.
    var type: String {
      switch self {
      case .floats: "F32"
      case .bytes: "U8"
      }
    }

    var shape: [Int] {
      switch self {
      case .floats(let tensor): tensor.shape.dimensions
      case .bytes(let bytes): [bytes.count]
      }
    }

    /// As they stand in the file: every machine that Swift runs on under Linux is little-endian.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
      switch self {
      case .floats(let tensor): try body(UnsafeRawBufferPointer(tensor.buffer))
      case .bytes(let bytes): try bytes.withUnsafeBytes(body)
      }
    }
  }

  /// Writes a file's tensors, all of them F32, in this order.
  /// - Returns: the SHA-256 of their numbers.
  static func copy(_ file: SafeTensorsFile, _ names: [String], to output: inout AtomicFile) throws -> String {
    let tensors = names.map { (name: $0, type: "F32", shape: file.header.entries[$0]!.shape) }
    try output.write(SafeTensorsHeader.encoded(tensors, metadata: file.header.metadata))
    var digest = SHA256Digest()
    for name in names {
      try file.forEachPart(of: name) { part in
        digest.add(part)
        try output.write(part)
      }
    }
    return digest.text()
  }

  /// Fills every tensor of `tensors` from the file: names and shapes must be the same on both sides, no more, no less.
  ///
  /// - Parameters:
  ///   - owner: of the tensors, for errors.
  ///   - remedy: for errors about tensors that do not fit.
  /// - Throws: `Failure` where the file is damaged or does not fit, `FileError` where it cannot be read.
  public static func read(
    _ file: URL, into tensors: [(name: String, tensor: Tensor)], owner: String = "this model",
    remedy: String = "is it another model's?"
  ) throws {
    try read(file, into: tensors, owner: owner, remedy: remedy, grown: nil)
  }

  /// - Parameter grown: tables that have more rows than the file's.
  package static func read(
    _ file: URL, into tensors: [(name: String, tensor: Tensor)], owner: String = "this model",
    remedy: String = "is it another model's?", grown: GrownTables?
  ) throws {
    let contents = try SafeTensorsFile(file)
    let shapes = tensors.map { ($0.name, grown?.storedShape($0.name, $0.tensor) ?? $0.tensor.shape.dimensions) }
    try requireFit(contents, shapes, owner: owner, remedy: remedy)
    for (name, tensor) in tensors {
      if let grown, try grown.read(name, of: contents, into: tensor) { continue }
      try contents.read(name, into: UnsafeMutableRawBufferPointer(tensor.buffer))
    }
  }

  /// - Parameters: as of `read(_:into:)`.
  static func requireFit(
    _ file: SafeTensorsFile, _ tensors: [(name: String, shape: [Int])], owner: String = "this model",
    remedy: String = "is it another model's?"
  ) throws {
    func failure(_ problem: String) -> Failure { Failure(description: "\(file.url.path): \(problem); \(remedy)") }
    for (name, shape) in tensors {
      guard let entry = file.header.entries[name] else { throw failure("has no '\(name.shown)', which \(owner) needs") }
      guard entry.dtype == "F32", entry.shape == shape else {
        throw failure(
          "'\(name.shown)' is \(entry.dtype.shown) \("\(entry.shape)".shown), of \(owner) F32 \("\(shape)".shown)")
      }
    }
    let wanted = Set(tensors.map(\.name))
    if let surplus = file.header.entries.keys.filter({ !wanted.contains($0) }).sorted().first {
      throw failure("holds '\(surplus.shown)', which \(owner) does not have")
    }
  }

  /// Each tensor's name, type and shape, by name. Throws `Failure` where the file is damaged, `FileError` where it
  /// cannot be read.
  public static func contents(of file: URL) throws -> [(name: String, type: String, shape: [Int])] {
    try SafeTensorsFile(file).header.entries.map { ($0.key, $0.value.dtype, $0.value.shape) }
      .sorted { $0.name < $1.name }
  }

  /// The text that travels with the tensors. Throws `Failure` where the file is damaged, `FileError` where it cannot be
  /// read.
  public static func metadata(of file: URL) throws -> [String: String] { try SafeTensorsFile(file).header.metadata }
}
