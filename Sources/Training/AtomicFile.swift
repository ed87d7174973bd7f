import Foundation
import Glibc

/// A file that is there whole or not at all: written under a temporary name beside its place, flushed to disk, then
/// renamed.
public enum AtomicFile {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public static func write(to file: URL, _ body: (FileHandle) throws -> Void) throws {
    let temporary = file.deletingLastPathComponent()
      .appendingPathComponent(".\(file.lastPathComponent).\(getpid()).partial")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot be written", file) }
    do {
      try body(FileHandle(fileDescriptor: descriptor, closeOnDealloc: false))
      guard fsync(descriptor) == 0 else { throw failure("cannot be flushed to disk", file) }
      guard close(descriptor) == 0 else { throw failure("cannot be closed", file) }
      guard rename(temporary.path, file.path) == 0 else { throw failure("cannot be put in place", file) }
    } catch {
      close(descriptor)
      unlink(temporary.path)
      throw error is Failure ? error : failure("cannot be written", file)
    }
  }

  public static func write(_ data: Data, to file: URL) throws { try write(to: file) { try $0.write(contentsOf: data) } }

  private static func failure(_ what: String, _ file: URL) -> Failure {
    Failure(
      description: "\(file.path): \(what): \(String(cString: strerror(errno))); free space or choose another --output")
  }
}
