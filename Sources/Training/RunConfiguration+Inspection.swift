import Configuration
import Datasets
import Models

extension RunConfiguration {
  /// For people: the run's model on its data, layer by layer; see `ModelConfiguration.inspection`.
  ///
  /// - Throws: `LayerError` where the model does not fit the data.
  public func modelInspection(_ data: DatasetPair) throws -> [String] {
    try model.inspection(
      input: data.training.inputShape, classes: data.training.classes, idFields: data.training.idFields,
      ghostBatch: normalizedTogether, contrastive: contrastive)
  }
}
