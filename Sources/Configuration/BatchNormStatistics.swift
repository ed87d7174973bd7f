/// The statistics that batch norm normalises with where a model is a fixed function of its weights. Dropout is off in both.
public enum BatchNormStatistics: String, Encodable, CaseIterable, Sendable {
  /// The running ones, as in evaluation: constants, which belong to the weights.
  case running
  /// Those of each batch, as in training: each weight's effect on them counts. Keskar et al. (2017) evaluated so.
  case batch
}
