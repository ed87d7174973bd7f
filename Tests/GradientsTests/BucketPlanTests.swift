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

  /// 32 floats are 128 bytes, and 160 are 640.
  @Test func aBucketThatIsJustFullIsClosed() {
    let plan = BucketPlan(layout, bucketBytes: 128, tail: 16)
    #expect(plan.buckets.map(\.range) == [0..<32, 32..<192, 192..<224])
    #expect(BucketPlan(layout, bucketBytes: 768, tail: 16).buckets.map(\.range) == [0..<192, 192..<224])
  }

  @Test func oneBucketHoldsAllWhenBucketsAreLarge() {
    let plan = BucketPlan(layout, bucketBytes: .max, tail: 16)
    #expect(plan.buckets == [BucketPlan.Bucket(range: 0..<224, dueAfterLayer: 0)])
  }
}
