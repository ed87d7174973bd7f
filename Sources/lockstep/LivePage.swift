import Files
import Foundation
import Measurement
import Reports
import Studies

/// The report of a study that is not at its end, written anew as trials end, for a browser that looks at it meanwhile.
struct LivePage {
  let quiet: Bool
  private var lastWritten: UInt64?

  init(quiet: Bool) { self.quiet = quiet }

  /// A report takes a moment, in which ranks wait.
  private static let nanosecondsBetween: UInt64 = 10_000_000_000

  /// Whether it can be written is told at the study's end.
  mutating func write(_ store: TrialStore) {
    let now = MonotonicClock.now()
    if let lastWritten, now - lastWritten < Self.nanosecondsBetween { return }
    // The page alone, and no folder: one that was removed meanwhile stays so.
    let path = "\(store.folder)/report.html"
    guard let page = try? StudyReport(store.study, store.records).html(),
      (try? AtomicFile.write(Data(page.utf8), to: path)) != nil
    else { return }
    if lastWritten == nil, !quiet { Console.line("the report so far, for a browser: \(path)") }
    lastWritten = now
  }
}
