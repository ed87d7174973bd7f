import Batches
import Buffers
import Configuration

/// Training images, changed at random each time they are read: a pure function of seed, epoch and view (`Batch.place`) and sample, so
/// that no number of ranks or threads changes what is learnt from.
public final class AugmentedDataset: Dataset {
  private let base: any Dataset
  private let augmentation: Augmentation
  private let seed: UInt64

  init(_ base: any Dataset, _ configuration: AugmentationConfiguration, seed: UInt64) {
    self.base = base
    self.seed = seed
    augmentation = Augmentation(configuration, base.inputShape)
  }

  /// Name of the images themselves; all that follows is theirs too.
  public var name: String { base.name }
  /// Samples.
  public var count: Int { base.count }
  /// `[height, width, channels]`
  public var inputShape: Shape { base.inputShape }
  /// Labels are less.
  public var classes: Int { base.classes }
  /// Checksum of the images as they are stored.
  public var checksum: UInt32? { base.checksum }

  /// Throws where what it is read from has changed.
  public func requireWhole() throws { try base.requireWhole() }

  /// Reads the images, and changes them as `batch.place` says.
  ///
  /// - Throws: what the data set throws.
  public func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    try base.read(samples, into: batch)
    let size = inputShape.count
    let random = Augmentation.random(seed: seed, epoch: batch.place.epoch, view: batch.place.view)
    var resampling = ImageResampling()
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * size) { scratch in
      scratch.initialize(repeating: 0)
      for (row, sample) in samples.enumerated() {
        let image = UnsafeMutableBufferPointer(start: batch.inputs.pointer + row * size, count: size)
        augmentation.apply(to: image, random, UInt64(sample), &resampling, scratch)
      }
    }
  }
}

extension Dataset {
  /// These samples as a training pass sees them. Evaluation reads the data themselves.
  ///
  /// - Parameters:
  ///   - configuration: nil changes nothing.
  ///   - seed: the run's.
  /// - Throws: `DatasetError` where these are no images, or are too small to be shifted so far.
  public func augmented(_ configuration: AugmentationConfiguration?, seed: UInt64) throws -> any Dataset {
    guard let configuration, !configuration.isEmpty else { return self }
    try requireAugmentable(configuration)
    return AugmentedDataset(self, configuration, seed: seed)
  }

  func requireAugmentable(_ configuration: AugmentationConfiguration) throws {
    guard inputShape.rank == 3 else {
      throw DatasetError("data.augmentation is for images, and \(name) holds none: remove the key")
    }
    guard let shift = configuration.shift, shift >= min(inputShape[0], inputShape[1]) else { return }
    throw DatasetError(
      "data.augmentation.shift is \(shift), but images of \(inputShape[0]) × \(inputShape[1]) pixels leave nothing to see: "
        + "make it smaller")
  }
}
