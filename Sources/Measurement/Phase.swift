/// Where a rank's time goes. Every interval of a run belongs to exactly one phase, so that the phases sum to the elapsed
/// time.
public enum Phase: Int, CaseIterable, Encodable, Sendable {
  /// Waiting for input that the background reader has not finished.
  case load
  /// The layers' forward pass and the loss.
  case forward
  /// The layers' backward pass, without the exchange's work in it.
  case backward
  /// Blocked in the exchange because another rank has not arrived yet.
  case exchangeWait
  /// Within MPI: gradients set off and moved on during the backward pass, and waited for after it while bytes move and
  /// are summed.
  case exchangeWire
  /// The optimisers' pass over weights and tables.
  case update
  /// Evaluation on the validation or test set.
  case evaluate
  /// Saving.
  case checkpoint
  /// Everything else: planning, logging, bookkeeping.
  case other

  /// In run records.
  public var name: String {
    switch self {
    case .load: "load"
    case .forward: "forward"
    case .backward: "backward"
    case .exchangeWait: "exchangeWait"
    case .exchangeWire: "exchangeWire"
    case .update: "update"
    case .evaluate: "evaluate"
    case .checkpoint: "checkpoint"
    case .other: "other"
    }
  }
}
