import Buffers

/// Labelled samples that can be read in any order, from any thread.
public protocol Dataset: Sendable {
  /// For people and records.
  var name: String { get }
  var count: Int { get }
  /// Of one sample; images are `[height, width, channels]`.
  var inputShape: Shape { get }
  var classes: Int { get }

  /// Writes the samples' inputs, normalised, and their labels into the first `samples.count` rows of `batch`. Allocates
  /// nothing. An error reaches the training loop through `BatchReader.next()`.
  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws
}
