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
  public static func read(_ file: URL, into tensors: [(name: String, tensor: Tensor)]) throws {
    let (entries, numbers) = try open(file)
    let wanted = Set(tensors.map(\.name))
    if let surplus = entries.keys.filter({ !wanted.contains($0) }).sorted().first {
      throw Failure(
        description: "\(file.path): holds '\(surplus)', which this model does not have; is it another model's?")
    }
    for (name, tensor) in tensors {
      guard let entry = entries[name] else {
        throw Failure(description: "\(file.path): has no '\(name)', which this model needs; is it another model's?")
      }
      guard entry.dtype == "F32", entry.shape == tensor.shape.dimensions else {
        throw Failure(
          description: "\(file.path): '\(name)' is \(entry.dtype) \(entry.shape), this model's is F32 \(tensor.shape)")
      }
      try copy(entry, of: numbers, into: tensor, name: name, file: file)
    }
  }

  /// Each tensor's name, type and shape, by name.
  public static func contents(of file: URL) throws -> [(name: String, type: String, shape: [Int])] {
    try open(file).entries.map { ($0.key, $0.value.dtype, $0.value.shape) }.sorted { $0.name < $1.name }
  }

  private static func open(_ file: URL) throws -> (entries: [String: Entry], numbers: Data) {
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
    object["__metadata__"] = nil
    guard let plain = try? JSONSerialization.data(withJSONObject: object),
      let entries = try? JSONDecoder().decode([String: Entry].self, from: plain)
    else { throw damaged }
    return (entries, data.dropFirst(8 + Int(length)))
  }

  private static func copy(_ entry: Entry, of numbers: Data, into tensor: Tensor, name: String, file: URL) throws {
    let offsets = entry.offsets
    guard offsets.count == 2, offsets[0] >= 0, offsets[1] <= numbers.count,
      offsets[1] - offsets[0] == tensor.count * MemoryLayout<Float>.stride
    else {
      throw Failure(description: "\(file.path): '\(name)' lies outside the file: it is truncated; write it again")
    }
    let start = numbers.startIndex
    numbers[start + offsets[0]..<start + offsets[1]].withUnsafeBytes {
      UnsafeMutableRawBufferPointer(tensor.buffer).copyMemory(from: $0)
    }
  }
}
