import Foundation

/// Where a command leaves its results. Made, and tried, before any work is done; what killed processes left half written
/// goes.
public struct OutputFolder: Sendable {
  /// As the user named it, with `~` written out.
  public let path: String

  /// - Throws: `FileError` where the folder cannot be made or written to.
  public init(_ path: String) throws {
    self.path = NSString(string: path).expandingTildeInPath
    try Self.create(self.path)
    try AtomicFile.write(Data("\n".utf8), to: file(".writable"))
    try? FileManager.default.removeItem(atPath: file(".writable"))
    PartialFile.removeStale(in: self.path)
  }

  /// The path of a file in it.
  public func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// Makes a folder, and those that it lies in, where it is not there. Throws `FileError`.
  package static func create(_ path: String) throws {
    guard make(path) else { throw FileError("create the folder", path) }
  }

  /// The folder, and those that it lies in. Where that fails, `errno` says why: Foundation's errors do not always.
  private static func make(_ path: String) -> Bool {
    if mkdir(path, 0o777) == 0 { return true }
    let parent = PathParts.folder(of: path)
    // Other ranks may make it between the two.
    if errno == ENOENT, !parent.isEmpty, parent != path, make(parent), mkdir(path, 0o777) == 0 { return true }
    guard errno == EEXIST else { return false }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return true }
    errno = EEXIST
    return false
  }
}
