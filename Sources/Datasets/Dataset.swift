import Buffers

/// Labelled samples that can be read in any order, from any thread.
public protocol Dataset: Sendable {
  /// For people and records.
  var name: String { get }
  var count: Int { get }
  /// Of one sample; images are `[height, width, channels]`.
  var inputShape: Shape { get }
  var classes: Int { get }

  /// Writes the samples' inputs, normalised, and their labels into the first `samples.count` rows of `batch`.
  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch)
}

/// Room for one microbatch, made once and filled again and again.
public final class Batch: @unchecked Sendable {
  // Unchecked: it is handed from the reading thread to the training thread and back, never shared.

  public let inputs: Tensor
  public let labels: UnsafeMutableBufferPointer<Int32>
  public let samples: UnsafeMutableBufferPointer<Int>
  public let capacity: Int
  /// Rows in use.
  public var rows = 0

  public init(inputShape: Shape, capacity: Int) {
    inputs = Tensor(inputShape.batched(capacity))
    labels = .allocate(capacity: capacity)
    labels.initialize(repeating: 0)
    samples = .allocate(capacity: capacity)
    samples.initialize(repeating: 0)
    self.capacity = capacity
  }

  deinit {
    labels.deallocate()
    samples.deallocate()
  }

  /// The rows in use: `[rows, …]`.
  public var filledInputs: Tensor { inputs.rows(rows) }
  public var filledLabels: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(rebasing: labels[..<rows]) }
  public var filledSamples: UnsafeBufferPointer<Int> { UnsafeBufferPointer(rebasing: samples[..<rows]) }
}
