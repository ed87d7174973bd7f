import Files
import Foundation

/// What a safetensors file says of itself: its tensors, whose numbers fill the rest of the file, each byte of it once.
struct SafeTensorsHeader {
  struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    /// The format's own names.
    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    var range: Range<Int> { offsets[0]..<offsets[1] }
  }

  struct Problem: Error {
    let description: String
  }

  /// The format's own bound on a header's length.
  static let largest = 100_000_000
  private static let metadataKey = "__metadata__"

  let metadata: [String: String]
  let entries: [String: Entry]

  /// - Parameters:
  ///   - json: the header itself.
  ///   - count: bytes of the numbers behind it.
  /// - Throws: `Problem`, which names the first tensor that is not as the format wants it.
  init(_ json: Data, numbers count: Int) throws {
    let damaged = Problem(description: "not a safetensors file, or truncated")
    guard json.first == UInt8(ascii: "{"), String(validating: json, as: UTF8.self) != nil,
      var object = try? JSONSerialization.jsonObject(with: json) as? [String: Any]
    else { throw damaged }
    if let name = RepeatedKey.first(in: json) { throw Problem(description: "its header says '\(name)' twice") }
    let texts = object.removeValue(forKey: Self.metadataKey)
    guard let metadata = (texts ?? [String: String]()) as? [String: String] else {
      throw Problem(description: "its metadata are not texts")
    }
    guard let plain = try? JSONSerialization.data(withJSONObject: object),
      let entries = try? JSONDecoder().decode([String: Entry].self, from: plain)
    else { throw damaged }
    self.metadata = metadata
    self.entries = entries
    try check(count)
  }

  /// Names in the order of their numbers.
  var names: [String] {
    entries.sorted {
      ($0.value.offsets[0], $0.value.offsets[1], $0.key) < ($1.value.offsets[0], $1.value.offsets[1], $1.key)
    }
    .map(\.key)
  }

  private func check(_ count: Int) throws {
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      guard entry.offsets.count == 2, entry.offsets[0] >= 0, entry.offsets[0] <= entry.offsets[1],
        entry.offsets[1] <= count
      else { throw Problem(description: "'\(name)' lies outside the file: it is truncated") }
      guard entry.hasItsShapesSize else {
        throw Problem(description: "'\(name)' has \(entry.range.count) bytes, which is not what \(entry.shape) takes")
      }
    }
    try checkNoHoles(count)
  }

  /// Numbers that two tensors share, or that none has, are no file that a program wrote.
  private func checkNoHoles(_ count: Int) throws {
    var end = 0
    for name in names {
      let range = entries[name]!.range
      guard range.lowerBound >= end else { throw Problem(description: "'\(name)' overlaps another tensor") }
      guard range.lowerBound == end else { throw Self.hole(end..<range.lowerBound) }
      end = range.upperBound
    }
    guard end == count else { throw Self.hole(end..<count) }
  }

  private static func hole(_ range: Range<Int>) -> Problem {
    Problem(description: "bytes \(range.lowerBound) to \(range.upperBound) of its numbers belong to no tensor")
  }

  /// The header of F32 tensors whose numbers lie one after the other, with its length before it.
  static func encoded(_ tensors: [(name: String, shape: [Int])], metadata: [String: String]) throws -> Data {
    var header: [String: Any] = [Self.metadataKey: metadata]
    var end = 0
    for (name, shape) in tensors {
      let start = end
      end += shape.reduce(MemoryLayout<Float>.stride, *)
      header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, end]]
    }
    var json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    // Readers that map the file want the numbers aligned; the format allows spaces behind the header.
    json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
  }
}

extension SafeTensorsHeader.Entry {
  /// Bytes of one number.
  private static let sizes = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4,
    "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
  ]

  /// Of types that are not known here, nothing is said.
  fileprivate var hasItsShapesSize: Bool {
    guard let size = Self.sizes[dtype] else { return true }
    var product = size
    for extent in shape {
      let (next, overflows) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows else { return false }
      product = next
    }
    return product == range.count
  }
}
