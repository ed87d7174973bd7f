import Testing
import Training

@Suite struct ExchangeTrialTests {
  private typealias Way = ExchangeTrial.Way
  private let usual = Way(overlap: .progress, bucketBytes: 1 << 20)
  private let thread = Way(overlap: .thread, bucketBytes: 1 << 20)
  private let small = Way(overlap: .thread, bucketBytes: 1 << 18)

  private func trial(_ seconds: [(Way, Double)], overlap: Bool = true, size: Bool = true) -> ExchangeTrial {
    ExchangeTrial(seconds: seconds.map { ($0, $1) }, opensOverlap: overlap, opensSize: size)
  }

  @Test func theFastestIsTaken() {
    #expect(trial([(usual, 0.3), (thread, 0.2), (small, 0.1)]).taken == small)
    #expect(trial([(usual, 0.1), (thread, 0.2), (small, 0.3)]).taken == usual)
  }

  /// Less than 2 % is chance.
  @Test func theUsualIsTakenWhereNoneIsClearlyFaster() {
    #expect(trial([(usual, 0.100), (thread, 0.0981)]).taken == usual)
    #expect(trial([(usual, 0.100), (thread, 0.0979)]).taken == thread)
  }

  @Test func sayingNamesWhatWasOpen() {
    #expect(
      trial([(usual, 0.012_34), (thread, 0.01)], size: false).notice
        == "execution.overlap is auto, and thread is taken: a gradient took progress 12.3 ms, thread 10.0 ms")
    #expect(
      trial([(thread, 0.01), (small, 0.02)], overlap: false).notice
        == "execution.bucketBytes is auto, and 1024 KiB is taken: a gradient took 1024 KiB 10.0 ms, 256 KiB 20.0 ms")
    #expect(
      trial([(usual, 0.2), (small, 0.1)]).notice
        == "execution.overlap and execution.bucketBytes are auto, and thread with 256 KiB is taken: a gradient took "
        + "progress with 1024 KiB 200.0 ms, thread with 256 KiB 100.0 ms")
  }
}
