import Studies
import Training

/// Shows a study as it goes: each trial's progress, and a line when it ends.
final class StudyDisplay {
  private let quiet: Bool
  private var trialDisplay = ProgressDisplay(.quiet)

  init(quiet: Bool) { self.quiet = quiet }

  func show(_ event: StudyRunner.Event) {
    guard !quiet else { return }
    switch event {
    case .begins(let trial, _, let number, let of):
      trialDisplay = ProgressDisplay(.init(quiet: false), prefix: "[\(number)/\(of)] \(Self.name(trial))  ")
    case .training(let event): trialDisplay.show(event)
    case .ended(let record):
      if case .diverged(let step, let rank, let reason) = record.run.outcome {
        trialDisplay.show(.notice("\(Self.name(record.trial)) diverged at update \(step) on rank \(rank): \(reason)"))
      }
    }
  }

  private static func name(_ trial: Trial) -> String {
    "B=\(trial.globalBatch) rate \(trial.scaling.rawValue) seed \(trial.seed) ranks \(trial.ranks)"
  }
}
