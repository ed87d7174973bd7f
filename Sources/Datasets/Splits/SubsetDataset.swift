import Batches
import Buffers

/// Some samples of another data set, in an order drawn by key: those at a range of its positions. Nothing is copied or
/// listed.
public final class SubsetDataset: ClickSamples {
  private let base: any Dataset
  private let order: Permutation
  private let first: Int
  /// Samples.
  public let count: Int

  /// - Parameters:
  ///   - order: of all samples of `base`.
  ///   - positions: of that order.
  init(_ base: any Dataset, _ order: Permutation, _ positions: Range<Int>) {
    precondition(order.count == base.count, "an order of \(order.count) for \(base.count) samples")
    self.base = base
    self.order = order
    first = positions.lowerBound
    count = positions.count
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
        chosen.initializeElement(at: row, to: order[first + sample])
      }
      try base.read(UnsafeBufferPointer(chosen), into: batch)
    }
  }
}
