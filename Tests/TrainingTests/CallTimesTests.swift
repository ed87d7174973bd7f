import Testing
import Training

@Suite struct CallTimesTests {
  /// Eight calls: as many lie below the lower quartile as above the upper.
  @Test func quartilesLieAroundTheMedian() {
    let times = CallTimes([8, 1, 7, 2, 6, 3, 5, 4], cpuSeconds: 24)
    #expect(times.calls == 8 && times.medianSeconds == 4.5 && times.cpuSeconds == 3)
    #expect(times.lowerQuartileSeconds == 3 && times.upperQuartileSeconds == 6)
  }

  @Test func oneCallIsAllOfThem() {
    let times = CallTimes([2], cpuSeconds: 1)
    #expect(times.medianSeconds == 2 && times.lowerQuartileSeconds == 2 && times.upperQuartileSeconds == 2)
  }
}
