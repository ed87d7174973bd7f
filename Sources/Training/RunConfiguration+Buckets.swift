import Configuration
import Datasets
import Gradients

extension RunConfiguration {
  /// Bytes of each all-reduce of a step, in the order in which they are started: the run's own bucket plan.
  ///
  /// - Throws: `LayerError`, `DatasetError` where the configuration does not fit the data.
  public func bucketSizes(_ data: DatasetPair) throws -> [Int] {
    GradientExchange.messageBytes(
      try Experiment(self, data).model.layout, bucketBytes: execution.bucketBytes.start, precision: travellingPrecision,
      accumulation: accumulation)
  }
}
