import Buffers

/// Pixels and labels as a file holds them, checked, with the memory that they lie in.
struct LabelledImages {
  /// Where the labels came from, for errors.
  let path: String
  /// `[height, width, channels]`.
  let shape: Shape
  /// `count * shape.count` bytes, sample after sample.
  let pixels: UnsafeBufferPointer<UInt8>
  let labels: UnsafeBufferPointer<Int32>
  let classes: Int
  /// Keeps pixels and labels alive.
  let memory: [AlignedMemory]

  var count: Int { labels.count }

  /// CRC-32 of pixels and labels.
  var checksum: UInt32 {
    Checksum.crc32(UnsafeRawBufferPointer(labels), after: Checksum.crc32(UnsafeRawBufferPointer(pixels)))
  }

  /// Samples of each class.
  var classCounts: [Int] {
    var counts = Array(repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
