import Testing
import Training

@Suite struct ThreadPlanTests {
  /// As the kernel writes them.
  @Test(arguments: [
    ("0-3,8", [0, 1, 2, 3, 8]), ("5", [5]), ("0-1,4-4,6-7", [0, 1, 4, 6, 7]), ("", []), ("3-1", []),
  ])
  func rangesOfProcessorsHoldBothEnds(list: String, processors: [Int]) {
    #expect(ThreadPlan.processors(in: list) == processors)
  }
}
