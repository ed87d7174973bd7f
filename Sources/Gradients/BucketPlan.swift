import Buffers

/// The stretches of the gradient arena, and when each is sent: static, pure and the same on every rank.
///
/// The arena is in backward order, so a bucket is a run of layers that finish one after the other. Buckets are started
/// in this plan's order, never in the order in which they happen to be ready.
public struct BucketPlan: Equatable, Sendable {
  /// One stretch of the arena that is sent at once.
  public struct Bucket: Equatable, Sendable {
    /// In floats.
    public let range: Range<Int>
    /// Due when the backward pass has finished this layer (counted forward).
    public let dueAfterLayer: Int

    /// `range` in floats of the gradient arena.
    public init(range: Range<Int>, dueAfterLayer: Int) {
      self.range = range
      self.dueAfterLayer = dueAfterLayer
    }
  }

  /// In the order in which they are started: from the front of the arena, the last layer's first.
  public let buckets: [Bucket]

  /// - Parameters:
  ///   - bucketBytes: a bucket is closed when it holds at least so many; a larger layer is one bucket.
  ///   - tail: floats behind the last layer that travel with the last bucket.
  public init(_ layout: ParameterLayout, bucketBytes: Int, tail: Int) {
    precondition(bucketBytes > 0, "bucketBytes \(bucketBytes)")
    var buckets: [Bucket] = []
    var start = 0
    for layer in layout.layerRanges.indices.reversed() where !layout.layerRanges[layer].isEmpty {
      let end = layout.layerRanges[layer].upperBound
      if (end - start) * MemoryLayout<Float>.stride >= bucketBytes {
        buckets.append(Bucket(range: start..<end, dueAfterLayer: layer))
        start = end
      }
    }
    // The tail is known before the first layer's gradient is, so it may travel with that layer's bucket.
    if start == layout.denseCount, let last = buckets.popLast() { start = last.range.lowerBound }
    if start < layout.denseCount + tail {
      buckets.append(Bucket(range: start..<layout.denseCount + tail, dueAfterLayer: 0))
    }
    self.buckets = buckets
  }
}
