import Batches
import Datasets
import Layers
import Models

extension Trainer {
  /// True where the model gives samples of two classes one score, the logit of class 1: then area under the curve,
  /// normalised entropy and calibration say more than accuracy.
  public var hasBinaryScores: Bool { model.hasBinaryScores(for: data.training) }

  /// Quality of the present weights on a whole data set. Collective.
  ///
  /// - Throws: `Interruption.Asked`, on every rank, where one was asked to stop meanwhile.
  public func evaluate(_ dataset: any Dataset) throws -> Quality { try evaluate(dataset, nil) }

  /// - Parameter signs: filled with what the evaluation shows besides; nil where nobody asks.
  package func evaluate(_ dataset: any Dataset, _ signs: LearningSigns?) throws -> Quality {
    try crew.contrastQuality(dataset) ?? crew.evaluation(dataset, signs)
  }
}

extension Model {
  func hasBinaryScores(for dataset: any Dataset) -> Bool {
    output.count == 1 && dataset.classes == 2 && representation == nil
  }
}
