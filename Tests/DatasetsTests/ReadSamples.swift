import Batches
import Datasets

/// Samples as a batch holds them.
struct ReadSamples: Equatable {
  var inputs: [Float]
  var labels: [Int32]

  /// - Parameter samples: nil reads all.
  init(_ dataset: any Dataset, _ samples: [Int]? = nil, epoch: Int = 0, view: Int = 0) throws {
    let samples = samples ?? Array(0..<dataset.count)
    let batch = Batch(inputShape: dataset.inputShape, fields: dataset.idFields?.count ?? 0, capacity: samples.count)
    _ = batch.samples.update(fromContentsOf: samples)
    batch.rows = samples.count
    batch.place.epoch = epoch
    batch.place.view = view
    try dataset.read(batch.filledSamples, into: batch)
    inputs = batch.inputs.values
    labels = Array(batch.labels)
  }
}
