import Foundation

/// Standard output and standard error, written at once: what is shown while a job runs must not wait in a buffer.
enum Console {
  static func line(_ text: String) { write(text + "\n", to: .standardOutput) }

  static func error(_ text: String) { write(text + "\n", to: .standardError) }

  /// Shows `text` instead of the terminal's last line.
  static func overwrite(_ text: String) { write("\r\u{1B}[K" + text, to: .standardOutput) }

  /// A reader that has gone away (`| head`) is no reason to stop a run.
  private static func write(_ text: String, to file: FileHandle) { try? file.write(contentsOf: Data(text.utf8)) }
}
