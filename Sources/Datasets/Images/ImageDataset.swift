import Batches
import Buffers
import Configuration

/// Images of bytes, in memory or in a mapped file, that become floats when a batch is read.
public final class ImageDataset: Dataset, @unchecked Sendable {
  // Unchecked: nothing writes to the images once they are checked.

  /// The folder's, or what the native file says.
  public let name: String
  /// Samples.
  public let count: Int
  /// `[height, width, channels]`
  public let inputShape: Shape
  /// Labels are less.
  public let classes: Int
  /// CRC-32 of all pixels and labels.
  public let checksum: UInt32?
  private let images: LabelledImages
  private let scale: PixelScale

  /// - Parameter limit: use only the first so many.
  init(name: String, _ images: LabelledImages, scale: PixelScale, limit: Int? = nil) {
    self.name = name
    count = min(limit ?? images.count, images.count)
    inputShape = images.shape
    classes = images.classes
    checksum = images.checksum
    self.images = images
    self.scale = scale
  }

  /// - Throws: `DatasetError` where a label is none: the file was checked when it was opened, and has changed since.
  public func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    let size = inputShape.count
    precondition(samples.count <= batch.capacity, "\(samples.count) samples into a batch of \(batch.capacity)")
    precondition(batch.inputs.count == batch.capacity * size, "a batch of \(batch.inputs.shape) for \(inputShape)")
    for (row, sample) in samples.enumerated() {
      precondition(sample >= 0 && sample < count, "sample \(sample) of \(count)")
      let pixels = UnsafeBufferPointer(rebasing: images.pixels[sample * size..<(sample + 1) * size])
      let target = UnsafeMutableBufferPointer(start: batch.inputs.pointer + row * size, count: size)
      var values = target.mutableSpan
      scale.apply(pixels.span, to: &values)
      let label = images.labels[sample]
      guard 0..<Int32(classes) ~= label else {
        throw DatasetError.changed(images.path, "the label of row \(sample) is \(label), of \(classes) classes")
      }
      batch.labels[row] = label
    }
    try LostPages.requireNone()
  }

  /// Throws `DatasetError` where the images' file was shortened or its disk failed.
  public func requireWhole() throws { try LostPages.requireWholeFiles() }
}
