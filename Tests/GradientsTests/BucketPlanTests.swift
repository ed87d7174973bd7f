import Buffers
import Gradients
import Testing

@Suite struct BucketPlanTests {
  /// Layers of 16, 0, 160 and 32 floats, forward.
  private let layout = ParameterLayout(layers: [
    [Parameter(name: "a", shape: Shape(16), start: .constant(0))],
    [],
    [Parameter(name: "b", shape: Shape(10, 16), start: .constant(0))],
    [Parameter(name: "c", shape: Shape(32), start: .constant(0))],
  ])

  @Test(arguments: [1, 100, 129, 640, 769, 100_000]) func coversTheArenaInBackwardOrder(bytes: Int) {
    let plan = BucketPlan(layout, bucketBytes: bytes, tail: 16)
    #expect(plan.buckets.first?.range.lowerBound == 0)
    #expect(plan.buckets.last?.range.upperBound == layout.count + 16)
    for (a, b) in zip(plan.buckets, plan.buckets.dropFirst()) {
      #expect(a.range.upperBound == b.range.lowerBound)
      #expect(a.dueAfterLayer > b.dueAfterLayer)
    }
  }

  @Test func aBucketIsDueWhenItsLastLayerIsDone() {
    // Backward: layer 3 (32 floats), layer 2 (160), layer 0 (16) with the tail.
    let plan = BucketPlan(layout, bucketBytes: 4, tail: 16)
    #expect(plan.buckets.map(\.dueAfterLayer) == [3, 2, 0])
    #expect(plan.buckets.map(\.range) == [0..<32, 32..<192, 192..<224])
    let joined = BucketPlan(layout, bucketBytes: 129, tail: 16)
    #expect(joined.buckets.map(\.range) == [0..<192, 192..<224])
  }

  /// Backward: 3 MiB and 64 bytes, then 300 KiB.
  private let large = ParameterLayout(layers: [
    [Parameter(name: "a", shape: Shape(75 << 10), start: .constant(0))],
    [Parameter(name: "b", shape: Shape(3 << 18), start: .constant(0))],
    [Parameter(name: "c", shape: Shape(16), start: .constant(0))],
  ])

  @Test func largeLayersAreCutIntoEqualPieces() {
    let plan = BucketPlan(large, bucketBytes: 1 << 20, tail: 16)
    // c waits for b, and goes with the first piece, which is due when b is.
    #expect(plan.buckets.map(\.dueAfterLayer) == [1, 1, 1, 0])
    #expect(plan.buckets.map(\.range.count) == [262_144, 262_144, 262_144 + 16, 76_800 + 16])
    #expect(plan.buckets.allSatisfy { $0.range.lowerBound % 16 == 0 })
  }

  /// A piece that ends within a layer whose gradient is final before the run's last leaves with that layer.
  @Test func piecesAreDueWithTheLayerThatTheyEndIn() {
    let layout = ParameterLayout(layers: [
      [Parameter(name: "a", shape: Shape(16), start: .constant(0))],
      [Parameter(name: "b", shape: Shape(85 << 8), start: .constant(0))],
      [Parameter(name: "c", shape: Shape(140 << 8), start: .constant(0))],
    ])
    let plan = BucketPlan(layout, bucketBytes: 150 << 10, tail: 16)
    #expect(plan.buckets.map(\.dueAfterLayer) == [2, 1, 0])
    #expect(plan.buckets.map(\.range.count) == [28_800, 28_800, 32])
  }

  /// However small buckets are to be.
  @Test func piecesAreNeverTiny() {
    let plan = BucketPlan(large, bucketBytes: 1, tail: 16)
    #expect(plan.buckets.map(\.range.count).prefix(2) == [16, 16384])
    #expect(plan.buckets.count == 1 + 48 + 5)
  }

  /// 32 floats are 128 bytes, and 160 are 640.
  @Test func aBucketThatIsJustFullIsClosed() {
    let plan = BucketPlan(layout, bucketBytes: 128, tail: 16)
    #expect(plan.buckets.map(\.range) == [0..<32, 32..<192, 192..<224])
    #expect(BucketPlan(layout, bucketBytes: 768, tail: 16).buckets.map(\.range) == [0..<192, 192..<224])
  }

  /// A bucket of its own, unless there would be but one without it.
  @Test func theTailMayLeaveFirst() {
    let plan = BucketPlan(layout, bucketBytes: 4, tail: 16, tailFirst: true)
    #expect(plan.buckets.map(\.range) == [208..<224, 0..<32, 32..<192, 192..<208])
    #expect(plan.buckets.map(\.dueAfterLayer) == [3, 3, 2, 0])
    let whole = BucketPlan(layout, bucketBytes: .max, tail: 16, tailFirst: true)
    #expect(whole == BucketPlan(layout, bucketBytes: .max, tail: 16))
  }

  @Test func oneBucketHoldsAllWhenBucketsAreLarge() {
    let plan = BucketPlan(layout, bucketBytes: .max, tail: 16)
    #expect(plan.buckets == [BucketPlan.Bucket(range: 0..<224, dueAfterLayer: 0)])
  }
}
