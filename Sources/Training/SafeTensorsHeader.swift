import Configuration
import Foundation

/// Self-description of a safetensors file: its tensors, whose numbers fill the rest of the file, each byte of it once.
struct SafeTensorsHeader {
  struct Entry {
    var dtype: String
    var shape: [Int]
    /// In bytes, of the numbers.
    var range: Range<Int>
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
  ///   - source: the file, for errors.
  ///   - count: bytes of the numbers behind it.
  /// - Throws: `ConfigurationError`; `Problem`, which names the first tensor that is not as the format wants it.
  init(_ json: Data, source: String, numbers count: Int) throws {
    guard json.first == UInt8(ascii: "{") else { throw Problem(description: "not a safetensors file, or truncated") }
    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]
    let node = try json.withUnsafeBytes { try ConfigurationNode(json: $0, source: source, line: nil) }
    for entry in try node.entries() {
      if entry.key == Self.metadataKey {
        for text in try entry.value.entries() { metadata[text.key] = try text.value.anyText() }
      } else {
        entries[entry.key] = try Entry(entry.value, name: entry.key, numbers: count)
      }
    }
    (self.metadata, self.entries) = (metadata, entries)
    try checkNoHoles(count)
  }

  /// Names in the order of their numbers.
  var names: [String] {
    entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
        < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
    }.map(\.key)
  }

  /// Numbers that two tensors share, or that none has, are no file that a program wrote.
  private func checkNoHoles(_ count: Int) throws {
    var end = 0
    for name in names {
      let range = entries[name]!.range
      guard range.lowerBound >= end else { throw Problem(description: "'\(name.shown)' overlaps another tensor") }
      guard range.lowerBound == end else { throw Self.hole(end..<range.lowerBound) }
      end = range.upperBound
    }
    guard end == count else { throw Self.hole(end..<count) }
  }

  private static func hole(_ range: Range<Int>) -> Problem {
    Problem(description: "bytes \(range.lowerBound) to \(range.upperBound) of its numbers belong to no tensor")
  }

  /// The header of tensors whose numbers lie one after the other, with its length before it.
  ///
  /// - Parameter tensors: of types whose size is known.
  static func encoded(
    _ tensors: [(name: String, type: String, shape: [Int])], metadata: [String: String]
  ) throws -> Data {
    var header: [String: Any] = [Self.metadataKey: metadata]
    var end = 0
    for (name, type, shape) in tensors {
      let start = end
      end += shape.reduce(Entry.sizes[type]!, *)
      header[name] = ["dtype": type, "shape": shape, "data_offsets": [start, end]]
    }
    var json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    // Readers that map the file want the numbers aligned; the format allows spaces behind the header.
    json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
  }
}

extension SafeTensorsHeader.Entry {
  /// The format's own names.
  private enum Key: String, SectionKey {
    case dtype, shape
    case offsets = "data_offsets"
  }

  /// Bytes of one number.
  fileprivate static let sizes = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4,
    "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
  ]

  fileprivate init(_ node: ConfigurationNode, name: String, numbers count: Int) throws {
    let section = try Section<Key>(node)
    dtype = try section.required(.dtype).anyText()
    shape = try section.required(.shape).values { try $0.whole(in: 0...Int.max) }
    let offsets = try section.required(.offsets).values { try $0.whole(in: 0...Int.max) }
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= count else {
      throw SafeTensorsHeader.Problem(description: "'\(name.shown)' lies outside the file: it is truncated")
    }
    range = offsets[0]..<offsets[1]
    // Types that are not known here pass without a word.
    guard let size = Self.sizes[dtype], byteCount(of: shape, each: size) != range.count else { return }
    throw SafeTensorsHeader.Problem(
      description: "'\(name.shown)' has \(range.count) bytes, which is not what its shape \("\(shape)".shown) takes")
  }
}
