import Foundation

/// A file that appears whole or not at all: written beside its place under another name, and renamed when it has
/// reached the disk. Letting go of it before `commit()` removes what was written.
package struct AtomicFile: ~Copyable {
  package let path: String
  private let temporary: String
  private let descriptor: Int32
  package private(set) var byteCount = 0

  package init(_ path: String) throws {
    self.path = path
    let parts = NSString(string: path)
    let folder = parts.deletingLastPathComponent
    temporary = NSString(string: folder).appendingPathComponent(".\(parts.lastPathComponent).\(getpid()).partial")
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.error(path, errno) }
  }

  deinit {
    close(descriptor)
    unlink(temporary)
  }

  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    try Self.write(bytes, to: descriptor, path)
    byteCount += bytes.count
  }

  /// Zeros up to the next multiple of `alignment`.
  package mutating func pad(to alignment: Int) throws {
    let zeros = [UInt8](repeating: 0, count: (alignment - byteCount % alignment) % alignment)
    try zeros.withUnsafeBytes { try write($0) }
  }

  package consuming func commit() throws {
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw Self.error(path, errno) }
    let folder = open(NSString(string: path).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// All of `bytes`, whatever the system takes at a time.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Foundation.write(descriptor, part.baseAddress, min(part.count, 1 << 26))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw error(path, errno) }
      rest = rest.dropFirst(written)
    }
  }

  private static func error(_ path: String, _ code: Int32) -> DatasetError {
    let remedy =
      switch code {
      case ENOSPC, EDQUOT: ": free some space, nothing was left behind"
      case EACCES, EPERM, EROFS: ": check the folder's permissions"
      default: ""
      }
    return DatasetError(file: path, "the file cannot be written: \(String(cString: strerror(code)))\(remedy)")
  }
}
