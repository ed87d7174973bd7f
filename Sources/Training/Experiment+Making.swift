import Configuration
import Datasets
import Layers
import Models

extension GlobalBatchPlan {
  init(_ configuration: RunConfiguration, _ data: DatasetPair) throws {
    try self.init(
      samples: data.training.count, globalBatch: configuration.globalBatch, microBatch: configuration.microBatch)
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
