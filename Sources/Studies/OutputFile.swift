import Foundation

/// Files that are there completely or not at all.
package enum OutputFile {
  /// Writes beside the target, flushes to the disk and renames: a reader never sees half a file.
  package static func write(_ data: Data, to path: String) throws {
    let partial = path + ".partial"
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("create", path) }
    do {
      defer { close(descriptor) }
      try writeAll(data, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw failure("flush", path) }
    } catch {
      unlink(partial)
      throw error
    }
    guard rename(partial, path) == 0 else { throw failure("rename", path) }
    flushFolder(of: path)
  }

  /// With all folders above it.
  package static func makeFolder(_ folder: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue { return }
    let parent = (folder as NSString).deletingLastPathComponent
    if !parent.isEmpty && parent != folder { try makeFolder(parent) }
    guard mkdir(folder, 0o755) == 0 else { throw failure("create the folder", folder) }
  }

  static func writeAll(_ data: Data, to descriptor: Int32, path: String) throws {
    try data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { throw failure("write to", path) }
        rest = rest.dropFirst(written)
      }
    }
  }

  /// A new name in a folder survives a power failure only once the folder itself is flushed.
  static func flushFolder(of path: String) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Says what failed, why (from `errno`) and what to do about it.
  static func failure(_ action: String, _ path: String) -> StudyError {
    let code = errno
    let remedy =
      switch code {
      case ENOSPC, EDQUOT: "free some space, then start again: finished trials are kept"
      case EACCES, EPERM, EROFS: "give a folder that you may write to with --output"
      case ENOTDIR, EEXIST: "a file is in the way: give another folder with --output"
      default: "check the folder, or give another with --output"
      }
    return StudyError("cannot \(action) \(path): \(String(cString: strerror(code))); \(remedy)")
  }
}

extension UnsafeRawBufferPointer.SubSequence {
  fileprivate var baseAddress: UnsafeRawPointer? { UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
