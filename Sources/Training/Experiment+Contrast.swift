import Batches
import Configuration
import Datasets
import Layers

extension Experiment {
  /// Views of each sample in a step.
  var views: Int { configuration.views }

  /// Exchanges of a step that a rank may wait in: where samples are contrasted, those of projections and of sums come before
  /// that of gradients.
  var exchangesOfStep: Int { configuration.contrastive == nil ? 1 : 3 }

  /// What a contrastive run needs of its settings, its data and its model.
  ///
  /// - Throws: `DatasetError`.
  func requireContrast(_ data: DatasetPair) throws {
    guard let contrastive = configuration.contrastive else { return }
    if let problem = configuration.contrastiveProblem { throw DatasetError(problem) }
    try data.training.requireImages()
    for stage in batches.stages { try requireCompany(stage.globalBatch, group: contrastive.negatives) }
    try requireHonestNormalization()
  }

  /// A sample that is alone in its group has no negative.
  private func requireCompany(_ globalBatch: Int, group: Int?) throws {
    let last = batches.samples % globalBatch
    guard globalBatch < 2 || last % (group ?? globalBatch) == 1 else { return }
    throw DatasetError(
      "with \(batches.samples) training samples and globalBatch \(globalBatch) one sample of an epoch is left alone in a "
        + "contrastive batch of one, with nothing to compare it with: set data.limit to \(batches.samples - 1), or another "
        + "globalBatch" + (group == nil ? "" : " or contrastive.negatives"))
  }

  /// Statistics of a part of the batch tell a sample's positive, which was in the same part, from negatives of others: a model
  /// then learns to see that instead of the sample.
  private func requireHonestNormalization() throws {
    guard let layer = model.nodes.first(where: { $0.layer is BatchNorm }),
      configuration.normalizedTogether < configuration.globalBatch
    else { return }
    throw DatasetError(
      "\(model.name) normalises \(configuration.normalizedTogether) samples together (\(layer.name)) and contrasts "
        + "\(configuration.globalBatch): parts of a batch with statistics of their own give away which samples belong together; "
        + "take batch norm out (model.batchNorm false; in a resnet model.normalization group or none), or set microBatch "
        + "\(configuration.globalBatch) without ghostBatch, which one rank then works on")
  }
}

extension Dataset {
  fileprivate func requireImages() throws {
    guard inputShape.rank == 3 else {
      throw DatasetError("contrastive compares views of images, and \(name) holds none: remove the section")
    }
  }
}
