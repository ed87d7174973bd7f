import Foundation
import Reports

/// Standard output and standard error, written at once: what is shown while a job runs must not wait in a buffer.
///
/// Names of files, columns and settings come from anywhere: whatever in them would act on a terminal is shown instead.
enum Console {
  static func line(_ text: String) { write(VisibleText.line(text) + "\n", to: .standardOutput) }

  /// Laid out in lines already.
  static func lines(_ text: String) { write(VisibleText.lines(text) + "\n", to: .standardOutput) }

  static func error(_ text: String) { write(VisibleText.line(text) + "\n", to: .standardError) }

  /// Of the command line: with its usage.
  static func errorLines(_ text: String) { write(VisibleText.lines(text) + "\n", to: .standardError) }

  /// Shows `text` instead of the terminal's last line.
  static func overwrite(_ text: String) { write("\r\u{1B}[K" + VisibleText.line(text), to: .standardOutput) }

  /// A reader that has gone away (`| head`) is no reason to stop a run.
  private static func write(_ text: String, to file: FileHandle) { try? file.write(contentsOf: Data(text.utf8)) }
}
