import Configuration
import Foundation

/// The files in `Tests/Stored`, as earlier versions of Lockstep wrote them.
public enum StoredFiles {
  public static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Stored")

  public static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// Within `changed-rows`, the checkpoint that has some rows of tables only.
  public static let changedRows =
    "checkpoints/update-000000003-00000000000000c0-over-000000002-00000000000000f0"

  /// A copy of one of its folders, to be changed.
  public static func copy(_ name: String, to target: URL) throws {
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: file(name), to: target)
  }

  /// Changes one value of a file of JSON.
  ///
  /// - Parameter value: JSON, or what is to become of the key.
  public static func change(_ file: URL, _ path: String, _ change: StoredChange) throws {
    let data = try Data(contentsOf: file)
    let node = try data.withUnsafeBytes { try ConfigurationNode(json: $0, source: file.path) }
    try Data(node.json(changing: path, change).utf8).write(to: file)
  }
}
