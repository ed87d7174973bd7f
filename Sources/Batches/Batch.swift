import Buffers

/// Room for one microbatch, made once and filled again and again.
public final class Batch: @unchecked Sendable {
  // Unchecked: it is handed from the reading thread to the training thread and back, never shared.

  /// Where a microbatch stands in the experiment.
  public struct Place: Equatable, Sendable {
    /// From 0.
    public var epoch = 0
    /// In its epoch, from 0.
    public var step = 0
    /// Samples in this step's global batch: fewer than asked for in the last step of an epoch.
    public var globalBatch = 0
    /// How many of them come before this microbatch.
    public var firstRowInGlobalBatch = 0
    /// Which view of its samples it holds, from 0: with augmentation each is another one.
    public var view = 0
    /// True for a rank's first microbatch of a step, in its first view.
    public var isFirstOfRank = true
    /// True for a rank's last microbatch of a step, in its last view.
    public var isLastOfRank = true

    /// True for a rank's first microbatch of an epoch.
    var isFirstOfEpoch: Bool { step == 0 && isFirstOfRank }

    /// The beginning: epoch 0, step 0, of a rank's first and only microbatch.
    public init() {}
  }

  /// `[capacity, …]`: inputs as a model gets them, a row for each sample.
  public let inputs: Tensor
  /// `capacity` labels, from 0.
  public let labels: UnsafeMutableBufferPointer<Int32>
  /// `capacity` numbers of samples in the data set: a reader reads these.
  public let samples: UnsafeMutableBufferPointer<Int>
  /// `[capacity, fields]` rows of the joined table; empty where the data has no id fields.
  public let ids: UnsafeMutableBufferPointer<Int32>
  /// `capacity` weights of samples in the loss; empty where the data have none, and all weigh 1.
  public let weights: UnsafeMutableBufferPointer<Float>
  /// Ids of a sample (`IDFields.columns`); 0 where the data have none.
  public let fields: Int
  /// The most rows that it holds.
  public let capacity: Int
  /// Rows in use.
  public var rows = 0
  /// Where these rows stand in the experiment; written with `samples`, before they are read.
  public var place = Place()

  /// - Parameters:
  ///   - fields: ids of a sample.
  ///   - weighted: whether each sample has a weight.
  public init(inputShape: Shape, fields: Int = 0, weighted: Bool = false, capacity: Int) {
    inputs = Tensor(inputShape.batched(capacity))
    labels = .allocate(capacity: capacity)
    labels.initialize(repeating: 0)
    samples = .allocate(capacity: capacity)
    samples.initialize(repeating: 0)
    self.fields = fields
    ids = .allocate(capacity: capacity * fields)
    ids.initialize(repeating: 0)
    weights = .allocate(capacity: weighted ? capacity : 0)
    weights.initialize(repeating: 1)
    self.capacity = capacity
  }

  deinit {
    labels.deallocate()
    samples.deallocate()
    ids.deallocate()
    weights.deallocate()
  }

  /// The rows in use: `[rows, …]`.
  public var filledInputs: Tensor { inputs.rows(rows) }
  /// The rows in use: `[rows]`.
  public var filledLabels: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(rebasing: labels[..<rows]) }
  /// The rows in use: `[rows, fields]`.
  public var filledIDs: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(rebasing: ids[..<(rows * fields)]) }
  /// The rows in use: `[rows]`; empty where the data have no weights.
  public var filledWeights: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: weights[..<min(rows, weights.count)])
  }
  /// The rows in use: `[rows]`.
  public var filledSamples: UnsafeBufferPointer<Int> { UnsafeBufferPointer(rebasing: samples[..<rows]) }
}
