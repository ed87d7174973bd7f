import Buffers

/// Labelled samples that can be read in any order, from any thread.
public protocol Dataset: Sendable {
  /// For people and records.
  var name: String { get }
  var count: Int { get }
  /// Shape of one sample; images are `[height, width, channels]`, the dense values of click data `[values]`.
  var inputShape: Shape { get }
  /// Click data has 2: labels are 0 and 1.
  var classes: Int { get }
  /// Nil where samples have no ids.
  var idFields: IDFields? { get }
  /// Whether each sample has a weight in the loss; else all weigh 1.
  var hasWeights: Bool { get }
  /// CRC-32 of the samples as they are stored, whatever the limit; nil where nothing is stored. Tells other data of the
  /// same name and size.
  var checksum: UInt32? { get }

  /// Looks at what the samples are read from, at the start and the end of an epoch.
  /// - Throws: where it is no longer what was opened.
  func requireWhole() throws

  /// Writes the samples' inputs, normalised, their ids, labels and weights into the first `samples.count` rows of `batch`. Allocates
  /// nothing. An error reaches the training loop through `BatchReader.next()`.
  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws
}

extension Dataset {
  /// Nothing, unless a data set says otherwise: samples in memory stay what they are.
  public func requireWhole() {}
  /// Nil, unless a data set says otherwise: images have no ids.
  public var idFields: IDFields? { nil }
  /// False, unless a data set says otherwise.
  public var hasWeights: Bool { false }
  /// Nil, unless a data set says otherwise: nothing is stored.
  public var checksum: UInt32? { nil }
}
