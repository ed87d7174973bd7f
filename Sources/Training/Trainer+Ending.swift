import Batches
import Kernels
import MessagePassing
import Optimizers

/// How a run ends, the same on every rank.
extension Trainer {
  /// A last update may have made what is no number, with no step after it to notice. Collective.
  func finalOutcome() throws -> RunRecord.Outcome {
    let final = state.account.epochs.last { $0.epoch <= state.account.keptEpoch ?? .max }
    let loss = final?.validation?.loss ?? 0
    let finding =
      !ArenaNorms(layout: layout).isFinite(parameters)
      ? "the last update made weights that are not finite"
      : loss.isFinite ? "" : "the final \(evaluatedOn.rawValue) loss is not finite"
    let findings = try communicator.allGather(finding)
    guard let rank = findings.firstIndex(where: { !$0.isEmpty }) else { return .completed }
    return .diverged(step: updates, rank: rank, reason: "\(findings[rank]); \(lowerRates)")
  }

  /// Rank 0 speaks for a run that diverged: what is not a number has many forms, and ranks may have different ones.
  func finalHash() throws -> String {
    guard case .diverged = state.account.outcome else { return try requireEqualWeights() }
    return try communicator.allGather(weightsSHA256)[0]
  }

  /// After a step that updated nothing. Collective.
  ///
  /// - Parameter step: to be looked at again; nil for none.
  func ending(_ outcome: StepOutcome, of step: StepPlan? = nil) throws -> RunRecord.Outcome {
    switch outcome {
    case .inexact:
      let rank = try communicator.allGather(crew.exchange.isExact ? 0 : 1).firstIndex(of: 1) ?? 0
      return .diverged(step: updates, rank: rank, reason: inexactReason)
    case .notFinite:
      let place = try placeNotFinite(step)
      let skipped = state.account.skippedSteps.inARow(before: updates)
      let before = skipped == 0 ? "" : ", and was not in \(skipped) steps before it (divergence.limit)"
      return .diverged(
        step: updates, rank: place.rank,
        reason: "the loss or the gradient is not finite\(place.words.map { ", \($0)" } ?? "")\(before); \(lowerRates)")
    case .updated, .skipped, .interrupted: return .interrupted(step: updates)
    }
  }

  /// Where a step that updated nothing first became no number, and on which rank. Collective.
  ///
  /// - Parameter step: to be looked at again; nil for none.
  func placeNotFinite(_ step: StepPlan?) throws -> (rank: Int, words: String?) {
    let finding = try communicator.allGather(step.flatMap(crew.firstNotFinite) ?? "")
    let loss = try communicator.allGather(crew.sums.loss)
    let rank = finding.firstIndex { !$0.isEmpty } ?? loss.firstIndex { !$0.isFinite } ?? 0
    return (rank, finding[rank].isEmpty ? gradientNotFinite : finding[rank])
  }

  /// Of the gradient that was not applied, whose losses were finite: from the last layer on, as it goes backward. The same on every
  /// rank.
  private var gradientNotFinite: String? {
    let gradients = crew.arena.gradients
    let dense = layout.listedEntries.filter { $0.range.upperBound <= gradients.count }
    let first = dense.last { !OptimizerLoops.isFinite(gradients.slice($0.range).buffer.span) }
    return first.map { "first in the gradient of \($0.parameter.name)" }
  }

  private var inexactReason: String {
    "a microbatch's gradient has an element above \(crew.exchange.largestTerm), beyond which reproducible sums may "
      + "not be exact; lower the learning rate, normalise the data, or set execution.summation fast"
  }

  private var lowerRates: String {
    "lower learningRate.base" + (layout.tables.isEmpty ? "" : " or tables.learningRate.base")
      + ", or set optimizer.clipNorm"
  }
}
