import Files
import Foundation
import Reports

/// Standard output and standard error, written at once: what is shown while a job runs must not wait in a buffer.
///
/// Names of files, columns and settings come from anywhere: whatever in them would act on a terminal is shown instead.
enum Console {
  /// A line that may be lost without harm: a full disk under the output is no reason to stop a run.
  static func line(_ text: String) { _ = write(VisibleText.line(text) + "\n", to: STDOUT_FILENO) }

  /// As `line`, laid out in lines already.
  static func lines(_ text: String) { _ = write(VisibleText.lines(text) + "\n", to: STDOUT_FILENO) }

  /// The result that the command was asked for, laid out in lines.
  /// - Throws: `FileError` where it cannot be written.
  static func result(_ text: String) throws {
    let code = write(VisibleText.lines(text) + "\n", to: STDOUT_FILENO)
    // A reader that has gone away (`| head`) has seen enough.
    if code != 0, code != EPIPE { throw FileError("write to", "standard output", code) }
  }

  static func error(_ text: String) { _ = write(VisibleText.line(text) + "\n", to: STDERR_FILENO) }

  /// An error of the command line: with its usage.
  static func errorLines(_ text: String) { _ = write(VisibleText.lines(text) + "\n", to: STDERR_FILENO) }

  /// Shows `text` instead of the terminal's last line.
  static func overwrite(_ text: String) { _ = write("\r\u{1B}[K" + VisibleText.line(text), to: STDOUT_FILENO) }

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
