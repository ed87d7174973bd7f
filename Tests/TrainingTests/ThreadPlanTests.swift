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

  @Test(arguments: [
    ("3", 3), (" 2 ", 2), ("4,2", 4), ("", nil), (nil, nil), ("0", nil), ("-1", nil), ("many", nil), ("99999", nil),
  ])
  func theEnvironmentSaysHowManyAsOpenMPReadsIt(value: String?, threads: Int?) {
    #expect(ThreadPlan.threads(inEnvironment: value) == threads)
  }
}
