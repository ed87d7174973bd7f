/// The files that make a saved model, by name: what `lockstep train` leaves, and, without the run and its steps and mostly
/// without the optimiser's state, `lockstep export`.
public enum SavedFile: String, CaseIterable, Sendable {
  /// The run's record.
  case run = "run.json"
  /// Weights and statistics.
  case weights = "weights.safetensors"
  /// The description that the weights need.
  case model = "model.json"
  /// The optimisers' state; only for going on.
  case optimizer = "optimizer.safetensors"
  /// The account of all ranks, step by step; none in folders from before it was kept.
  case steps = "steps.json"

  static let names = allCases.map(\.rawValue)
}
