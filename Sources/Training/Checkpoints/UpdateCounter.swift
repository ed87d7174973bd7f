import Glibc

/// How many updates a run has made, in a file of eight bytes that is written over after each: it outlives a process that is killed, and
/// a machine as of the last time that the system brought it to the disk by itself.
///
/// By a system call, not by mapped memory: where the file is cut short, the disk is full or its server is gone, a call fails, and a
/// store to mapped memory ends the process.
package final class UpdateCounter {
  private let descriptor: Int32

  /// - Returns: nil where no such file can be written: then nothing is counted.
  package init?(_ path: String) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// What cannot be written is not.
  package func store(_ updates: Int) {
    withUnsafeBytes(of: UInt64(updates).littleEndian) { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Nil where there is no such file, or another.
  package static func read(_ path: String) -> Int? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // Room for a byte too many.
    var bytes = [UInt8](repeating: 0, count: 9)
    guard pread(descriptor, &bytes, bytes.count, 0) == 8 else { return nil }
    let value = bytes[..<8].enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    return Int(exactly: value)
  }
}
