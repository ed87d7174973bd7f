import Datasets
import Reports
import Studies
import Training

/// Shows a study as it goes: each trial's progress, and a line when it ends.
final class StudyDisplay {
  private let quiet: Bool
  /// The share of a trial's time that others may take without a word.
  private let disturbedAbove: Double
  private var trialDisplay = ProgressDisplay(.quiet)

  init(quiet: Bool, disturbedAbove: Double) {
    self.quiet = quiet
    self.disturbedAbove = disturbedAbove
  }

  func show(_ event: StudyRunner.Event) {
    guard !quiet else { return }
    switch event {
    case .begins(let trial, let evaluatedOn, let number, let of):
      trialDisplay = ProgressDisplay(
        .init(quiet: false), prefix: "[\(number)/\(of)] \(Self.name(trial))  ", evaluatedOn: evaluatedOn)
    case .timesAgain(let trial, let evaluatedOn, let round):
      trialDisplay = ProgressDisplay(
        .init(quiet: false), prefix: "[timing \(round + 1)] \(Self.name(trial))  ", evaluatedOn: evaluatedOn)
    case .training(let event): trialDisplay.show(event)
    case .ended(let record):
      if case .diverged(let step, let rank, let reason) = record.run.outcome {
        trialDisplay.show(.notice("\(Self.name(record.trial)) diverged at update \(step) on rank \(rank): \(reason)"))
      } else if let share = record.run.ledger.lostShare, share > disturbedAbove {
        trialDisplay.show(
          .notice(
            "other programs took \(Format.percent(share)) of the time of \(Self.name(record.trial)): disturbed epochs are left out, or timed again at the end"
          ))
      } else if let calls = record.calls {
        Console.line("\(Self.name(record.trial))  \(Self.text(calls))")
      }
    }
  }

  private static func name(_ trial: Trial) -> String {
    let scope = [trial.part, trial.variant].compactMap { $0 }.map { $0 + " " }.joined()
    let further = trial.values.further.map { " \($0.axis.key) \($0.value)" }.joined()
    let settings = trial.settings.map { " \($0)" } ?? ""
    return
      "\(scope)B=\(trial.globalBatch) rate \(trial.scaling.rawValue)\(further)\(settings) seed \(trial.seed) ranks \(trial.ranks)"
  }

  private static func text(_ calls: CallTiming) -> String {
    [("prediction", calls.prediction), ("training", calls.training)].compactMap { name, times in
      times.map { "\(name) \(Format.seconds($0.medianSeconds)) a call (\($0.calls) calls)" }
    }.joined(separator: ", ")
  }
}
