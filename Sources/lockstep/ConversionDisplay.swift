import Datasets
import Foundation
import Glibc
import Measurement
import Reports

/// Shows a conversion as it goes: one line that is overwritten on a terminal, plain lines when piped.
final class ConversionDisplay {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var pass: ClickConversion.Pass?
  private var startedAt = MonotonicClock.seconds
  private var lastShown = MonotonicClock.seconds
  private var lineIsOpen = false

  func show(_ progress: ClickConversion.Progress) {
    let now = MonotonicClock.seconds
    if progress.pass != pass {
      pass = progress.pass
      startedAt = now
      lastShown = now
      return
    }
    guard now - lastShown >= (isTerminal ? 0.1 : 15) else { return }
    lastShown = now
    let text = line(progress, seconds: now - startedAt)
    if isTerminal {
      Console.overwrite(text)
      lineIsOpen = true
    } else {
      Console.line(text)
    }
  }

  func end() {
    if lineIsOpen { Console.overwrite("") }
    lineIsOpen = false
  }

  private func line(_ progress: ClickConversion.Progress, seconds: Double) -> String {
    let share = progress.byteCount.map { Double(progress.bytesRead) / Double(max($0, 1)) } ?? 0
    let all = progress.byteCount.map { " of \(Format.bytes(Double($0)))" } ?? ""
    let left = share > 0 ? "  \(Format.clock(seconds / share - seconds)) left" : ""
    return
      "\(progress.pass == .learning ? "learning" : "converting")  \(Format.bytes(Double(progress.bytesRead)))\(all)  "
      + "\(Format.integer(progress.rows)) rows  "
      + "\(Format.fixed(Double(progress.rows) / max(seconds, 1e-3), 0)) rows/s\(left)"
  }
}
