import Batches
import Buffers

/// Some samples of another data set. None is copied.
public final class SubsetDataset: ClickSamples {
  private enum Choice {
    /// Those at positions, from the first on, of an order drawn by key.
    case positions(Permutation, first: Int)
    /// By their numbers.
    case listed([UInt32])
  }

  private let base: any Dataset
  private let choice: Choice
  /// Samples.
  public let count: Int
  /// The part of the other set's samples of class 0 that is here; nil where it is not a choice of these.
  let keptNegatives: Double?

  /// - Parameters:
  ///   - order: of all samples of `base`.
  ///   - positions: of that order.
  init(_ base: any Dataset, _ order: Permutation, _ positions: Range<Int>) {
    precondition(order.count == base.count, "an order of \(order.count) for \(base.count) samples")
    self.base = base
    choice = .positions(order, first: positions.lowerBound)
    count = positions.count
    keptNegatives = nil
  }

  /// - Parameters:
  ///   - listed: numbers of samples of `base`: all of class 1, and some of class 0.
  ///   - keptNegatives: the part of those of class 0.
  init(_ base: any Dataset, listed: [UInt32], keptNegatives: Double) {
    self.base = base
    choice = .listed(listed)
    count = listed.count
    self.keptNegatives = keptNegatives
  }

  /// Name of the whole set, as what follows is the whole set's.
  public var name: String { base.name }
  /// Shape of one sample.
  public var inputShape: Shape { base.inputShape }
  /// Labels are less.
  public var classes: Int { base.classes }
  /// Nil where samples have no ids.
  public var idFields: IDFields? { base.idFields }
  /// Nil for all but click data.
  public var clickSchema: ClickSchema? { base.clickSchema }
  /// Whether the samples of the other set have weights.
  public var hasWeights: Bool { base.hasWeights }
  /// Nil for all but click data that were text.
  public var schemaFile: String? { base.schemaFile }
  /// Checksum of all samples of the other set.
  public var checksum: UInt32? { base.checksum }

  /// Throws where what it is read from has changed.
  public func requireWhole() throws { try base.requireWhole() }

  /// - Throws: what the other data set throws.
  public func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    try withUnsafeTemporaryAllocation(of: Int.self, capacity: samples.count) { chosen in
      for (row, sample) in samples.enumerated() {
        precondition(sample >= 0 && sample < count, "sample \(sample) of \(count)")
        chosen.initializeElement(at: row, to: number(of: sample))
      }
      try base.read(UnsafeBufferPointer(chosen), into: batch)
    }
  }

  /// In the other data set.
  private func number(of sample: Int) -> Int {
    switch choice {
    case .positions(let order, let first): order[first + sample]
    case .listed(let numbers): Int(numbers[sample])
    }
  }
}

extension Dataset {
  /// The part of the samples of class 0 that a training set was left with (`data.negatives`); nil for all other data.
  public var keptNegatives: Double? { (self as? SubsetDataset)?.keptNegatives }
}
