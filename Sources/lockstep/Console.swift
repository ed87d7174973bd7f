import Files
import Foundation

/// Standard output and standard error, written at once: what is shown while a job runs must not wait in a buffer.
enum Console {
  /// What may be lost without harm: a full disk under the output is no reason to stop a run.
  static func line(_ text: String) { _ = write(text + "\n", to: STDOUT_FILENO) }

  /// What the command was asked for.
  /// - Throws: `FileError` where it cannot be written.
  static func result(_ text: String) throws {
    let code = write(text + "\n", to: STDOUT_FILENO)
    // A reader that has gone away (`| head`) has seen enough.
    if code != 0, code != EPIPE { throw FileError("write to", "standard output", code) }
  }

  static func error(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

  /// Shows `text` instead of the terminal's last line.
  static func overwrite(_ text: String) { _ = write("\r\u{1B}[K" + text, to: STDOUT_FILENO) }

  /// - Returns: the system's code of what went wrong, 0 if nothing did.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Data(text.utf8)
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      switch (written, errno) {
      case (1..., _): rest = rest.dropFirst(written)
      case (_, EINTR): continue
      case (_, EAGAIN): waitUntilWritable(descriptor)
      case (_, let code): return code
      }
    }
    return 0
  }

  /// Somebody else made it non-blocking.
  private static func waitUntilWritable(_ descriptor: Int32) {
    var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&file, 1, -1)
  }
}
