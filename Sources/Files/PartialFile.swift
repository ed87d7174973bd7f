import Foundation

/// A file that is being written, beside its place, as `.NAME.ID.partial`.
///
/// Its writer holds the system's lock on it, which ends with the process however that ends: so what a killed process
/// left can be told from what another is writing, on this host or, over a shared file system, on another.
enum PartialFile {
  private static let ending = ".partial"

  /// A new one, held. Throws `FileError`.
  static func create(beside path: String) throws -> (path: String, descriptor: Int32) {
    for _ in 0..<100 {
      let partial = beside(path)
      let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor < 0 && errno == EEXIST { continue }
      guard descriptor >= 0 else { throw FileError("create", path) }
      if hold(descriptor) { return (partial, descriptor) }
      close(descriptor)
    }
    throw FileError("create", path, EAGAIN)
  }

  /// Removes those that nobody writes any more.
  /// - Parameter name: of the file whose parts they are; nil for any.
  static func removeStale(in folder: String, of name: String? = nil) {
    let folder = folder.isEmpty ? "." : folder
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where isPartial(entry, of: name) {
      let path = "\(folder)/\(entry)"
      let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }

  private static func beside(_ path: String) -> String {
    let folder = PathParts.folder(of: path)
    return (folder.isEmpty ? "" : folder + "/") + ".\(PathParts.name(of: path)).\(UniqueName.make())\(ending)"
  }

  /// False where another process took it for a killed one's before it was held. A file system without locks keeps no
  /// process from writing.
  private static func hold(_ descriptor: Int32) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK { return false }
    var facts = stat()
    return fstat(descriptor, &facts) == 0 && facts.st_nlink > 0
  }

  private static func isPartial(_ entry: String, of name: String?) -> Bool {
    guard entry.hasPrefix("."), entry.hasSuffix(ending) else { return false }
    let middle = entry.dropFirst().dropLast(ending.count)
    guard let dot = middle.lastIndex(of: "."), dot != middle.startIndex else { return false }
    guard UniqueName.isHexadecimal(middle[middle.index(after: dot)...]) else { return false }
    return name.map { middle[..<dot] == $0 } ?? true
  }
}
