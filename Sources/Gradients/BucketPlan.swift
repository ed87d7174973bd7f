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

  /// Runs of layers are closed at the layer with which they hold `bucketBytes`, and then cut into equal pieces of about
  /// that size: a large layer is several buckets, as a message moves one way at a time and several fill the wire both ways.
  ///
  /// - Parameters:
  ///   - bucketBytes: of floats, about so many; at least 1.
  ///   - tail: floats behind the last layer, which travel with the last bucket.
  ///   - tailFirst: they are a bucket of their own before all others instead, where there are several.
  public init(_ layout: ParameterLayout, bucketBytes: Int, tail: Int, tailFirst: Bool = false) {
    precondition(bucketBytes > 0, "bucketBytes \(bucketBytes)")
    let end = layout.denseCount + tail
    if tailFirst {
      let others = BucketPlan(layout, bucketBytes: bucketBytes, tail: 0).buckets
      if others.count > 1 {
        buckets = [Bucket(range: layout.denseCount..<end, dueAfterLayer: others[0].dueAfterLayer)] + others
        return
      }
    }
    var buckets: [Bucket] = []
    var start = 0
    for layer in layout.layerRanges.indices.reversed() where !layout.layerRanges[layer].isEmpty {
      let end = layout.layerRanges[layer].upperBound
      if (end - start) * MemoryLayout<Float>.stride >= bucketBytes {
        buckets += Self.pieces(of: start..<end, bucketBytes: bucketBytes).map { piece in
          Bucket(range: piece, dueAfterLayer: layout.layer(holding: piece.upperBound - 1))
        }
        start = end
      }
    }
    // The tail is known before the first layer's gradient is, so it may travel with that layer's bucket.
    if tail > 0, start == layout.denseCount, let last = buckets.popLast() { start = last.range.lowerBound }
    if start < end { buckets.append(Bucket(range: start..<end, dueAfterLayer: 0)) }
    self.buckets = buckets
  }

  /// Sizes worth trying where it is left open: what is usual, less and more.
  public static let sizesToTry = [1 << 20, 1 << 18, 1 << 22]

  /// Layers are not cut into less, in bytes: calls would cost more than pieces gain.
  static let leastPiece = 1 << 16

  /// Equal but for a cache line, and each within a third of the size that is asked for where there are several.
  private static func pieces(of range: Range<Int>, bucketBytes: Int) -> [Range<Int>] {
    let line = AlignedMemory.alignment / MemoryLayout<Float>.stride
    let lines = (range.count + line - 1) / line
    let size = max(bucketBytes, leastPiece)
    let count = max(1, (range.count * MemoryLayout<Float>.stride + size / 2) / size)
    func cut(_ piece: Int) -> Int { min(range.upperBound, range.lowerBound + lines * piece / count * line) }
    return (0..<count).map { cut($0)..<cut($0 + 1) }
  }
}

extension ParameterLayout {
  /// The layer, counted forward, to which a float of the gradient arena belongs; padding belongs to what it follows.
  fileprivate func layer(holding place: Int) -> Int { layerRanges.lastIndex { $0.contains(place) }! }
}
