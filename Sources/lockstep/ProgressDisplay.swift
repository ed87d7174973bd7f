import Datasets
import Foundation
import Glibc
import Measurement
import MessagePassing
import Reports
import Training

/// Shows a run as it goes: one line that is overwritten on a terminal, plain lines when piped, nothing when quiet.
final class ProgressDisplay {
  enum Style {
    case terminal, plain, quiet

    /// Seconds between two showings: often enough to look alive, seldom enough to cost nothing.
    var interval: Double { self == .terminal ? 0.1 : 15 }
  }

  private let style: Style
  private let prefix: String
  // Moments on the clock that nobody sets: a clock set back would show nothing for as long.
  private var lastShown: Double?
  private var measuredFrom: (time: Double, samples: Int)?
  /// Samples of earlier epochs.
  private var finishedSamples = 0
  private var startedAt = MonotonicClock.seconds
  private var lineIsOpen = false
  /// True for a model with one score for two classes: what accuracy hides, log loss and the area under the curve show.
  private var isBinary: Bool
  private let evaluatedOn: EvaluatedOn
  /// Area of the last epoch that was evaluated.
  private var area: Double?

  /// - Parameters:
  ///   - prefix: before every line: which trial of a study this is.
  ///   - evaluatedOn: what the figures after an epoch are measured on.
  ///   - isBinary: where it is not said, the first evaluation tells.
  init(_ style: Style, prefix: String = "", evaluatedOn: EvaluatedOn = .validation, isBinary: Bool = false) {
    self.style = style
    self.prefix = prefix
    self.evaluatedOn = evaluatedOn
    self.isBinary = isBinary
  }

  func show(_ event: TrainingEvent) {
    guard style != .quiet else { return }
    switch event {
    case .notice(let text): printLine("note: \(text)")
    case .epoch(let record):
      finishedSamples += record.ledger.samples
      if let validation = record.validation {
        isBinary = isBinary || validation.isBinary
        area = validation.areaUnderCurve
      }
      printLine(prefix + line(for: record))
    case .step(let progress): show(progress)
    }
  }

  private func show(_ progress: StepProgress) {
    let now = MonotonicClock.seconds
    if progress.updates == 1 {
      startedAt = now
      measuredFrom = (now, progress.samples)
    }
    if let lastShown, now - lastShown < style.interval { return }
    let isFirst = lastShown == nil
    lastShown = now
    if style == .plain, isFirst { return }
    let text = prefix + line(for: progress, now: now)
    if style == .terminal { overwriteLine(text) } else { printLine(text) }
  }

  private func line(for progress: StepProgress, now: Double) -> String {
    let left =
      (now - startedAt) / Double(max(progress.updates - 1, 1))
      * Double(progress.totalUpdates - progress.updates)
    return "epoch \(progress.epoch)/\(progress.epochs)  update \(progress.updates)/\(progress.totalUpdates)"
      + "  \(Format.fixed(rate(progress, now: now), 0)) samples/s  \(words.lossName) \(Format.fixed(progress.loss, 4))"
      + (area.map { "  AUC \(Format.fixed($0, 4))" } ?? "") + "  \(Format.clock(left)) left"
  }

  /// Samples per second since the last look.
  private func rate(_ progress: StepProgress, now: Double) -> Double {
    let samples = finishedSamples + progress.samples
    defer { measuredFrom = (now, samples) }
    guard let from = measuredFrom, now > from.time else { return 0 }
    return Double(samples - from.samples) / (now - from.time)
  }

  private var words: QualityWords { QualityWords(isBinary: isBinary) }

  private func line(for record: EpochRecord) -> String {
    var text =
      "epoch \(record.epoch)  \(Format.fixed(record.seconds, 2)) s  \(Format.fixed(record.samplesPerSecond, 0)) samples/s"
    text += "  training \(words.training(record.training))"
    if let validation = record.validation { text += "  \(evaluatedOn.rawValue) \(words.main(of: validation))" }
    let exposed = record.ledger.exchangeExposed.median
    let energy = record.energy.map { "  energy \(Format.joules($0.processors))" } ?? ""
    return text + "  exchange \(Format.fixed(exposed, 2)) s\(energy)"
  }

  private func overwriteLine(_ text: String) {
    Console.overwrite(text)
    lineIsOpen = true
  }

  private func printLine(_ text: String) {
    if lineIsOpen { Console.overwrite("") }
    lineIsOpen = false
    Console.line(text)
  }
}

extension ProgressDisplay.Style {
  init(quiet: Bool) { self = quiet ? .quiet : (Self.isTerminal ? .terminal : .plain) }

  /// Open MPI gives every rank a terminal of its own, so a rank's standard output says nothing about where the job's goes:
  /// under a launcher on this host, the launcher's does.
  private static var isTerminal: Bool {
    guard LauncherEnvironment.current.launcher != nil else { return isatty(STDOUT_FILENO) == 1 }
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1")
    return target.map { $0.hasPrefix("/dev/pts/") || $0.hasPrefix("/dev/tty") } ?? false
  }
}
