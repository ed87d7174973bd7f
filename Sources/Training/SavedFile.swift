/// The files that make a saved model, by name: what `lockstep train` leaves, and, without the run and mostly without the
/// optimiser's state, `lockstep export`.
public enum SavedFile: String, CaseIterable, Sendable {
  case run = "run.json"
  case weights = "weights.safetensors"
  case model = "model.json"
  case optimizer = "optimizer.safetensors"

  static let names = allCases.map(\.rawValue)
}
