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
  func ending(_ outcome: StepOutcome) throws -> RunRecord.Outcome {
    switch outcome {
    case .inexact:
      let rank = try communicator.allGather(crew.exchange.isExact ? 0 : 1).firstIndex(of: 1) ?? 0
      return .diverged(step: updates, rank: rank, reason: inexactReason)
    case .notFinite:
      let rank = try communicator.allGather(crew.sums.loss).firstIndex { !$0.isFinite } ?? 0
      return .diverged(step: updates, rank: rank, reason: "the loss or the gradient is not finite; \(lowerRates)")
    case .updated, .interrupted: return .interrupted(step: updates)
    }
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
