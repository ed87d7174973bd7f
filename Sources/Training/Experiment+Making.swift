import Configuration
import Datasets
import Layers
import Models

extension GlobalBatchPlan {
  init(_ configuration: RunConfiguration, _ data: DatasetPair) throws {
    // A microbatch that is larger than its global batch is all of it: room is made for no more.
    try self.init(
      samples: data.training.count, globalBatch: configuration.globalBatch,
      microBatch: min(configuration.microBatch, configuration.globalBatch))
  }
}

extension Model {
  /// The model that the configuration describes, for this data.
  init(_ configuration: RunConfiguration, _ data: DatasetPair) throws {
    try self.init(
      configuration.model, input: data.training.inputShape, classes: data.training.classes,
      idFields: data.training.idFields,
      ghostBatch: configuration.ghostBatch ?? configuration.microBatch)
  }
}
