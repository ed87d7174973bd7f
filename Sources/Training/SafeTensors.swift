import Buffers
import Files
import Foundation

/// The safetensors file format, version 0.x, floats only: eight bytes of header length, a JSON header with name, type,
/// shape and place of each tensor, then the numbers, little-endian and row-major.
///
/// Specification: https://github.com/huggingface/safetensors#format
public enum SafeTensors {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    /// The format's own names.
    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    /// Whether the numbers lie within so many bytes and are as many as the shape says; other types than F32 only have
    /// to lie there.
    func lies(within bytes: Int) -> Bool {
      guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= bytes else { return false }
      guard dtype == "F32" else { return true }
      let count = shape.reduce((product: MemoryLayout<Float>.stride, isValid: true)) { sum, extent in
        let (product, overflows) = sum.product.multipliedReportingOverflow(by: extent)
        return (product, sum.isValid && extent >= 0 && !overflows)
      }
      return count.isValid && count.product == offsets[1] - offsets[0]
    }
  }

  /// Writes all or nothing: the file appears under its name only when it is whole and on disk.
  /// - Parameter metadata: free text that travels with the weights.
  public static func write(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to file: URL) throws
  {
    var header: [String: Any] = ["__metadata__": metadata]
    var end = 0
    for (name, tensor) in tensors {
      let start = end
      end += tensor.count * MemoryLayout<Float>.stride
      header[name] = ["dtype": "F32", "shape": tensor.shape.dimensions, "data_offsets": [start, end]]
    }
    var json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    // Readers that map the file want the numbers aligned; the format allows spaces behind the header.
    json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    var output = try AtomicFile(file.path)
    try withUnsafeBytes(of: UInt64(json.count).littleEndian) { try output.write($0) }
    try output.write(json)
    // Every machine that Swift runs on under Linux is little-endian.
    for (_, tensor) in tensors { try output.write(UnsafeRawBufferPointer(tensor.buffer)) }
    try output.commit()
  }

  /// Fills every tensor of `tensors` from the file: names and shapes must be the same on both sides, no more, no less.
  ///
  /// - Parameters:
  ///   - owner: of the tensors, for errors.
  ///   - remedy: for errors about tensors that do not fit.
  public static func read(
    _ file: URL, into tensors: [(name: String, tensor: Tensor)], owner: String = "this model",
    remedy: String = "is it another model's?"
  ) throws {
    let contents = try open(file)
    func failure(_ problem: String) -> Failure { Failure(description: "\(file.path): \(problem); \(remedy)") }
    for (name, tensor) in tensors {
      guard let entry = contents.entries[name] else { throw failure("has no '\(name)', which \(owner) needs") }
      guard entry.dtype == "F32", entry.shape == tensor.shape.dimensions else {
        throw failure("'\(name)' is \(entry.dtype) \(entry.shape), of \(owner) F32 \(tensor.shape)")
      }
    }
    let wanted = Set(tensors.map(\.name))
    if let surplus = contents.entries.keys.filter({ !wanted.contains($0) }).sorted().first {
      throw failure("holds '\(surplus)', which \(owner) does not have")
    }
    for (name, tensor) in tensors {
      UnsafeMutableRawBufferPointer(tensor.buffer).copyBytes(from: contents.numbers(of: name))
    }
  }

  /// Each tensor's name, type and shape, by name.
  public static func contents(of file: URL) throws -> [(name: String, type: String, shape: [Int])] {
    try open(file).entries.map { ($0.key, $0.value.dtype, $0.value.shape) }.sorted { $0.name < $1.name }
  }

  /// The text that travels with the tensors.
  public static func metadata(of file: URL) throws -> [String: String] { try open(file).metadata }

  /// All of its tensors' numbers, as they lie in the file; mapped, not read.
  static func numbers(of file: URL) throws -> Data { try open(file).numbers }

  /// Throws `Failure` where the file is not whole.
  public static func check(_ file: URL) throws { _ = try open(file) }

  /// A file whose tensors all lie inside it.
  private struct Contents {
    var metadata: [String: String]
    var entries: [String: Entry]
    /// Mapped, not read.
    var numbers: Data

    func numbers(of name: String) -> Data {
      let offsets = entries[name]!.offsets
      return numbers.dropFirst(offsets[0]).prefix(offsets[1] - offsets[0])
    }
  }

  private static func open(_ file: URL) throws -> Contents {
    let data: Data
    do { data = try Data(contentsOf: file, options: .alwaysMapped) } catch {
      throw Failure(description: "\(file.path): cannot be read: \(error.localizedDescription)")
    }
    let damaged = Failure(description: "\(file.path): not a safetensors file, or truncated; write it again")
    guard data.count >= 8 else { throw damaged }
    let length = data.prefix(8).withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= UInt64(data.count - 8) else { throw damaged }
    let json = data.dropFirst(8).prefix(Int(length))
    guard var object = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else { throw damaged }
    let metadata = object.removeValue(forKey: "__metadata__") as? [String: String]
    guard let plain = try? JSONSerialization.data(withJSONObject: object),
      let entries = try? JSONDecoder().decode([String: Entry].self, from: plain)
    else { throw damaged }
    let numbers = data.dropFirst(8 + Int(length))
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) where !entry.lies(within: numbers.count) {
      throw Failure(description: "\(file.path): '\(name)' lies outside the file: it is truncated; write it again")
    }
    return Contents(metadata: metadata ?? [:], entries: entries, numbers: numbers)
  }
}
