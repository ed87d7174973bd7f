import Foundation
import Measurement
import Reports

/// Shows how far a look at the loss has come: what is looked for now, overwritten on a terminal and every so often else.
final class LandscapeDisplay {
  private let style: ProgressDisplay.Style
  private var lastShown = MonotonicClock.seconds

  init(_ style: ProgressDisplay.Style) { self.style = style }

  /// What is being done, and where it has come to.
  func show(_ text: String) {
    let now = MonotonicClock.seconds
    guard style != .quiet, now - lastShown >= style.interval else { return }
    lastShown = now
    if style == .terminal { Console.overwrite(text) } else { Console.line(text) }
  }

  /// Before other lines are printed.
  func end() {
    if style == .terminal { Console.overwrite("") }
  }
}
