import Batches
import Testing

@Suite struct EqualPartsTests {
  /// Known by hand: 10 in parts of at most 4 are 4, 4 and 2; 9 of at most 4 are 3, 3 and 3; never more than asked for.
  @Test(arguments: [(10, 4, 4), (9, 4, 3), (10, 10, 10), (10, 99, 10), (10, 1, 1), (60_000, 5000, 5000), (7, 5, 4)])
  func partsAreAsFewAndAsEqualAsCanBe(samples: Int, most: Int, part: Int) {
    #expect(StepPlan.equalParts(of: samples, atMost: most) == part)
    let step = StepPlan(all: samples, inPartsOf: most)
    #expect(step.positions == 0..<samples && step.microBatch == part)
    #expect(step.microbatchCount == (samples + most - 1) / most)
  }
}
