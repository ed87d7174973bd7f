import Foundation

/// Files that a folder gets in one moment, or not at all.
///
/// Each is written beside its place as `.NAME.ID`; then `manifest.json`, which says the id, is renamed into its place: from
/// that moment on the new files count. Last they are renamed to their plain names. A reader that takes, of each name, the
/// file with the manifest's id where there is one and else the plain one, finds all files of the last manifest whenever the
/// writer died; it takes no more of a file system than that it renames a file at once.
public struct StagedFiles: Sendable {
  /// The file whose renaming makes a save count.
  public static let manifest = "manifest.json"

  /// The folder that gets the files.
  public let folder: String
  /// Unique to the save; part of its hidden names until they are renamed.
  public let id: String

  /// - Parameter id: of a save that was made; a new one if not given.
  public init(in folder: String, id: String = UniqueName.make()) {
    self.folder = folder
    self.id = id
  }

  /// Where a file lies until it takes its place.
  public func path(of name: String) -> String { "\(folder)/.\(name).\(id)" }

  /// The path that a file has once the save is finished.
  public func place(of name: String) -> String { "\(folder)/\(name)" }

  /// Where a file of this save lies now.
  public func current(_ name: String) -> String {
    FileManager.default.fileExists(atPath: path(of: name)) ? path(of: name) : place(of: name)
  }

  /// From now on these files are what the folder holds. Throws `FileError`.
  public func publish(_ manifest: Data) throws { try AtomicFile.write(manifest, to: place(of: Self.manifest)) }

  /// Gives the files their plain names, and removes what saves that were cut short left. Renames that a killed process
  /// has done already are no obstacle.
  ///
  /// - Parameters:
  ///   - names: of this save's files.
  ///   - known: all names that a save may list.
  /// - Throws: `FileError`.
  public func settle(_ names: [String], of known: [String]) throws {
    for name in names where rename(path(of: name), place(of: name)) != 0 && errno != ENOENT {
      throw FileError("put in place", place(of: name))
    }
    Self.removeStaged(in: folder, of: known)
  }

  /// Removes an earlier save's files that this one does not list.
  public func removeOthers(than names: [String], of known: [String]) {
    for name in known where !names.contains(name) { unlink(place(of: name)) }
  }

  /// Removes this save's files from beside their places.
  public func discard(_ names: [String]) { for name in names { unlink(path(of: name)) } }

  /// Removes what lies beside the places of `names`, of whatever save.
  public static func removeStaged(in folder: String, of names: [String]) {
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard let dot = entry.lastIndex(of: "."), UniqueName.isOne(entry[entry.index(after: dot)...]) else { continue }
      if names.contains(where: { entry[..<dot] == ".\($0)" }) { unlink("\(folder)/\(entry)") }
    }
  }
}
