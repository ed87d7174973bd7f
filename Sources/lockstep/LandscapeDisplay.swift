import Measurement
import Reports

/// Shows how far a look at the loss has come: what is looked for now, overwritten on a terminal and every so often else.
final class LandscapeDisplay {
  private static let terminalInterval: UInt64 = 100_000_000
  private static let plainInterval: UInt64 = 15_000_000_000

  private let style: ProgressDisplay.Style
  private var lastShown: UInt64

  init(_ style: ProgressDisplay.Style) {
    self.style = style
    lastShown = MonotonicClock.now()
  }

  /// What is being done, and where it has come to.
  func show(_ text: String) {
    let now = MonotonicClock.now()
    guard style != .quiet, now - lastShown >= (style == .terminal ? Self.terminalInterval : Self.plainInterval) else {
      return
    }
    lastShown = now
    if style == .terminal { Console.overwrite(text) } else { Console.line(text) }
  }

  /// Before other lines are printed.
  func end() {
    if style == .terminal { Console.overwrite("") }
  }
}
