import Configuration
import Foundation
import StoredFiles

/// One kind of file that Lockstep reads, with the changes that it is put through.
struct Subject {
  /// A change: the file's new bytes.
  struct Change {
    var name: String
    var bytes: () throws -> [UInt8]
  }

  var name: String
  /// In `Tests/Stored`: what else the reader needs.
  var folder: String
  /// In that folder: what is changed.
  var file: String
  private let makeChanges: () -> [Change]
  /// Reads the changed folder, as a command would. Throws the error that the user would see.
  var read: (URL) throws -> Void
  /// The command line that does the same; FOLDER stands for the changed folder.
  var command: String?

  /// - Parameter changes: made when they are asked for, since that takes a while.
  init(
    name: String, folder: String, file: String, changes: @autoclosure @escaping () -> [Change],
    read: @escaping (URL) throws -> Void, command: String? = nil
  ) {
    self.name = name
    self.folder = folder
    self.file = file
    makeChanges = changes
    self.read = read
    self.command = command
  }

  var changes: [Change] { makeChanges() }

  static var all: [Subject] { records + data + settings }
}

extension Subject {
  /// Damage to bytes.
  static func bytes(of contents: [UInt8], count: Int = 300, seed: UInt64) -> [Change] {
    var generator = Generator(seed: seed)
    return (0..<count).map { _ in
      let change = ByteChange(size: contents.count, &generator)
      return Change(name: "\(change)") { change.applied(to: contents) }
    }
  }

  /// Every change to a tree of JSON or YAML.
  ///
  /// - Parameter finish: makes the file's bytes of the changed text.
  static func values(
    of node: ConfigurationNode, _ finish: @escaping (String) throws -> [UInt8] = { Array($0.utf8) }
  ) -> [Change] {
    JSONChanges.all(of: node).map { path, change in
      Change(name: Subject.name(path, change)) { try finish(node.json(changing: path, change)) }
    }
  }

  static func name(_ path: String, _ change: StoredChange) -> String {
    "\(path) \(change)".replacingOccurrences(of: "\n", with: " ").prefix(120).description
  }

  static func json(_ contents: [UInt8], source: String = "file") -> ConfigurationNode {
    try! contents.withUnsafeBytes { try ConfigurationNode(json: $0, source: source) }
  }
}
