import Foundation
import Training

/// JSON without a schema, for comparing and listing configurations key by key.
enum JSONValue: Decodable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  init(_ value: some Encodable) throws {
    self = try RecordFile.decoder().decode(JSONValue.self, from: RecordFile.encoder().encode(value))
  }

  /// As a person would write it on one line.
  var text: String {
    switch self {
    case .null: "not set"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let values):
      values.isEmpty
        ? "{}" : values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
    }
  }

  /// Every leaf by its key path: `optimizer.momentum`.
  var leaves: [String: String] {
    guard case .object(let values) = self, !values.isEmpty else { return ["": text] }
    var leaves: [String: String] = [:]
    for (key, value) in values {
      for (path, text) in value.leaves { leaves[path.isEmpty ? key : "\(key).\(path)"] = text }
    }
    return leaves
  }
}

/// Reading what studies write as JSON.
package enum StudyCoding {
  /// Every leaf of a configuration by its key path, sorted: what a report lists.
  package static func leaves(of value: some Encodable) throws -> [(key: String, value: String)] {
    try JSONValue(value).leaves.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
  }

  /// A decoding error in one line.
  package static func explain(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let (text, context): (String, DecodingError.Context) =
      switch error {
      case .keyNotFound(let key, let context): ("key '\(key.stringValue)' is missing", context)
      case .typeMismatch(_, let context): ("wrong type: \(context.debugDescription)", context)
      case .valueNotFound(_, let context): ("no value: \(context.debugDescription)", context)
      case .dataCorrupted(let context): (context.debugDescription, context)
      @unknown default: ("\(error)", DecodingError.Context(codingPath: [], debugDescription: ""))
      }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    return path.isEmpty ? text : "\(path): \(text)"
  }
}
