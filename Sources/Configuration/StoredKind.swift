import Files
import Foundation

/// A kind of file that Lockstep writes as JSON and reads again. Its version rises when an older Lockstep could not read it
/// rightly; a new key that may be absent needs no new version.
package struct StoredKind: Sendable {
  /// "a run record"
  package var name: String
  /// The latest that this Lockstep knows. Files without a version are of version 1.
  package var version: Int
  /// The remedy for one that cannot be read: "train again".
  package var remedy: String

  package init(_ name: String, version: Int, remedy: String) {
    self.name = name
    self.version = version
    self.remedy = remedy
  }

  /// Reads a file.
  ///
  /// - Parameter hint: what to say where there is no such file.
  /// - Throws: `ConfigurationError`, with file, line and remedy.
  package func read<Value>(
    file: String, hint: String? = nil, _ read: (ConfigurationNode) throws -> Value
  ) throws -> Value {
    if InputFile.kind(of: file) == .absent, let hint { throw ConfigurationError("\(file): cannot be read; \(hint)") }
    do { try InputFile.require(file, name) } catch { throw ConfigurationError("\(error)") }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ConfigurationError("\(file): cannot be read: check its permissions")
    }
    return try data.withUnsafeBytes { try self.read($0, source: file, read) }
  }

  /// Reads what stands in memory.
  ///
  /// - Throws: `ConfigurationError`, with source, line and remedy.
  package func read<Value>(
    _ bytes: UnsafeRawBufferPointer, source: String, line: Int? = 1, _ read: (ConfigurationNode) throws -> Value
  ) throws -> Value {
    do { return try self.read(ConfigurationNode(json: bytes, source: source, line: line), read) } catch {
      throw ConfigurationError("\(error); \(remedy)")
    }
  }

  /// Reads a value that says its version.
  package func read<Value>(_ node: ConfigurationNode, _ read: (ConfigurationNode) throws -> Value) throws -> Value {
    let entry = try node.entries().first { $0.key == Self.versionKey }
    if let stated = try entry?.value.whole(in: 1...Int(Int32.max)), stated > version {
      throw node.error(
        "\(name) of version \(stated), and this Lockstep knows \(version): a later one wrote it: use that")
    }
    return try read(node)
  }

  package static let versionKey = "version"
}
