import Batches
import Buffers
import Configuration
import Foundation

extension DatasetPair {
  /// The same data, of whose training set only some samples of class 0 are learnt from. What is held out stays whole.
  ///
  /// - Throws: `DatasetError` where the samples are not of two classes with one score, or none of class 0 would be left.
  func samplingNegatives(_ negatives: NegativesConfiguration?) throws -> DatasetPair {
    guard let negatives else { return self }
    guard training.idFields != nil, training.classes == 2 else {
      throw DatasetError(
        "data.negatives leaves out samples with label 0 of click data, and \(path) holds other data: remove the key")
    }
    let sample = try NegativeSample(of: training, negatives)
    return DatasetPair(
      training: SubsetDataset(training, listed: sample.samples, keptNegatives: sample.share), validation: validation,
      test: test, evaluatedOn: evaluatedOn, path: path, usedFallback: usedFallback, notices: notices + [sample.notice])
  }
}

/// A choice of samples: all of class 1, and of class 0 those that are drawn. Whether a sample is drawn is a pure function
/// of the seed and its number, the same in every epoch.
struct NegativeSample {
  /// Rising.
  private(set) var samples: [UInt32] = []
  /// All of class 0.
  private var negatives = 0
  /// Those of them that were drawn.
  private var kept = 0

  /// The use of the generator: sets it apart from other uses of the same seed.
  private static let purpose: UInt64 = 0x6E_6567_6174_6976
  private static let rowsAtOnce = 4096

  /// Reads every label once.
  init(of dataset: any Dataset, _ configuration: NegativesConfiguration) throws {
    guard dataset.count <= UInt32.max else {
      throw DatasetError("data.negatives is for at most \(UInt32.max) training samples, and there are \(dataset.count)")
    }
    let random = Philox(configuration.seed, Self.purpose)
    let limit = UInt64((configuration.keep * 0x1p32).rounded())
    let batch = Batch(
      inputShape: dataset.inputShape, fields: dataset.idFields?.columns ?? 0, weighted: dataset.hasWeights,
      capacity: min(Self.rowsAtOnce, dataset.count))
    for first in stride(from: 0, to: dataset.count, by: Self.rowsAtOnce) {
      batch.rows = min(Self.rowsAtOnce, dataset.count - first)
      for row in 0..<batch.rows { batch.samples[row] = first + row }
      try dataset.read(batch.filledSamples, into: batch)
      for (row, label) in batch.filledLabels.enumerated() {
        let sample = UInt64(first + row)
        let isDrawn = label == 1 || UInt64(random.block(sample, 0).x) < limit
        if label == 0 { (negatives, kept) = (negatives + 1, kept + (isDrawn ? 1 : 0)) }
        if isDrawn { samples.append(UInt32(sample)) }
      }
    }
    guard kept > 0 else {
      throw DatasetError(
        "data.negatives.keep is \(configuration.keep), which of \(negatives) training samples with label 0 leaves none: keep "
          + "more")
    }
  }

  /// The part of the samples of class 0 that was drawn, as it came out: more than 0, at most 1.
  var share: Double { Double(kept) / Double(negatives) }

  fileprivate var notice: String {
    "learning from \(kept) of \(negatives) negatives (\(String(format: "%.2f", 100 * share)) %) and all "
      + "\(samples.count - kept) positives; predictions are corrected for that, by \(String(format: "%.4f", log(share))) of "
      + "the logit"
  }
}
