import Configuration
import Datasets

extension Experiment {
  /// What chooses weights, the rate or the end must be neither the test set, which is then no test any more, nor a figure that
  /// the model does not have.
  ///
  /// - Throws: `DatasetError`.
  static func requireFigures(_ configuration: RunConfiguration, _ data: DatasetPair, hasBinaryScores: Bool) throws {
    if let choosing = configuration.choosing, data.evaluatedOn == .test {
      throw DatasetError(
        "\(data.path): \(choosing) chooses by a validation set, and here epochs are judged by the test set: take one from the "
          + "training set with data.validation, or set data.evaluateOn validation where the data have one")
    }
    if configuration.evaluation.by == .auc, !hasBinaryScores {
      throw DatasetError(
        "\(data.path): evaluation.by auc needs samples of two classes and a model with one score: set evaluation.by loss or "
          + "accuracy")
    }
  }
}

extension RunConfiguration {
  /// The key by which evaluations decide something; nil where none does.
  fileprivate var choosing: String? {
    if evaluation.keep == .best { return "evaluation.keep best" }
    if evaluation.patience != nil { return "evaluation.patience" }
    if learningRate.schedule == .plateau { return "learningRate.schedule plateau" }
    return tables.learningRate?.schedule == .plateau ? "tables.learningRate.schedule plateau" : nil
  }
}
