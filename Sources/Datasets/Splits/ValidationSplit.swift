import Batches
import Configuration

extension DatasetPair {
  /// The same data with a validation set taken from the training set; what was held out before is left for the end.
  ///
  /// - Throws: `DatasetError` where nothing or everything would be taken, or the data's own validation split is asked for too.
  func takingValidation(_ validation: ValidationConfiguration?, _ configuration: DataConfiguration) throws
    -> DatasetPair
  {
    guard let validation else { return self }
    guard configuration.evaluateOn == .test else {
      throw DatasetError(
        "data.evaluateOn asks for the data's own validation split, and data.validation for one taken from the training set: "
          + "remove one of the two keys")
    }
    let count = try Self.count(validation, of: training.count)
    let order = Permutation(count: training.count, seed: validation.seed, epoch: 0, purpose: .split)
    let rest = training.count - count
    return DatasetPair(
      training: SubsetDataset(training, order, 0..<rest),
      validation: SubsetDataset(training, order, rest..<training.count), test: self.validation,
      evaluatedOn: .validation,
      path: path, usedFallback: usedFallback, notices: notices)
  }

  private static func count(_ validation: ValidationConfiguration, of samples: Int) throws -> Int {
    let count = validation.count(of: samples)
    let key =
      switch validation.size {
      case .fraction(let fraction): "data.validation.fraction is \(fraction)"
      case .count(let count): "data.validation.count is \(count)"
      }
    guard count > 0 else { throw DatasetError("\(key), which of \(samples) training samples is none: take more") }
    guard count < samples else {
      throw DatasetError("\(key), but there are only \(samples) training samples, and some must be left to learn from")
    }
    return count
  }
}
