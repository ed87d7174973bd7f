import Foundation
import Measurement
import Statistics
import Testing

@Suite("What others take")
struct DisturbanceTests {
  @Test("A thread's time is read from schedstat, where that is kept")
  func threads() throws {
    let wait = try #require(ThreadWait(schedstat: "2500000000 125000000 42\n"))
    #expect(wait == ThreadWait(computed: 2.5, waited: 0.125))
    #expect(ThreadWait(schedstat: "0 0 0\n") == nil && ThreadWait(schedstat: "") == nil)
    #expect(ThreadWait(schedstat: nil) == nil && ThreadWait(schedstat: "1 2") == nil)
  }

  @Test("Stolen time is a core's, and pressure that of some task; what is not there is not known")
  func machine() {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    let stat = "cpu  1 2 3 4 5 6 7 \(Int(8 * ticks)) 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n"
    #expect(SystemFile.stolenSeconds(stat, cores: 4) == 2)
    #expect(SystemFile.stolenSeconds("cpu 1 2 3", cores: 4).isNaN && SystemFile.stolenSeconds(nil, cores: 4).isNaN)
    let pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 total=7\n"
    #expect(SystemFile.pressureSeconds(pressure) == 1.5)
    #expect(SystemFile.pressureSeconds("full total=7").isNaN && SystemFile.pressureSeconds(nil).isNaN)
  }

  @Test("A ledger tells what its thread used, and the share of the rank that lost most")
  func ledger() throws {
    var ledger = Ledger(steps: 1)
    let end = Date().addingTimeInterval(0.05)
    while Date() < end {}
    ledger.lap(.forward)
    let summary = LedgerSummary(ranks: [ledger.figures])
    let disturbance = try #require(summary.disturbance)
    #expect(disturbance.threadCPU.maximum > 0 && disturbance.threadCPU.maximum <= 1.5 * summary.elapsed.maximum + 0.02)
    if FileManager.default.fileExists(atPath: "/proc/self/schedstat") {
      #expect(try #require(disturbance.waitedForCore).maximum >= 0 && summary.lostShare != nil)
    }
    #expect(abs(try #require(summary.useful).maximum - summary[.forward].maximum) < 1e-12)
  }

  @Test("Nothing known of one rank is nothing known of the job")
  func unknown() throws {
    let known = Ledger(steps: 0).figures
    var unknown = known
    unknown.replaceSubrange(unknown.count - 8..<unknown.count - 5, with: [.nan, .nan, .nan])
    let summary = LedgerSummary(ranks: [known, unknown])
    let disturbance = try #require(summary.disturbance)
    #expect(disturbance.waitedForCore == nil && disturbance.stolen == nil && disturbance.pressure == nil)
    #expect(disturbance.lost == nil && summary.lostShare == nil)
  }

  /// Of a rank, in the order of `SystemUse.figures`, behind a ledger's own.
  private func figures(waited: Double, computed: Double, own: Double, machine: Double) -> [Double] {
    Ledger(steps: 0).figures.dropLast(8) + [waited, 0, 0, own, 0, computed, own, machine]
  }

  @Test("Ranks that share cores wait for each other, and others took no more than they computed")
  func sharedCores() throws {
    // Four ranks on two cores for ten seconds, and a program beside them that computed for one: each rank waited for five.
    let crowded = (0..<4).map { _ in figures(waited: 5, computed: 20, own: 4.75, machine: 1) }
    let waited = try #require(LedgerSummary(ranks: crowded).disturbance?.waitedForCore)
    #expect(waited.minimum == 1 && waited.maximum == 1)
    // Another machine's ranks have nothing to do with it: there nobody else computed.
    let apart = crowded + [figures(waited: 3, computed: 10, own: 10, machine: 2)]
    #expect(LedgerSummary(ranks: apart).disturbance?.waitedForCore == Spread([1, 1, 1, 1, 0]))
    // A wait shorter than what others computed is all theirs; a system that does not tell of programs leaves it as it is.
    let alone = [figures(waited: 2, computed: 15, own: 10, machine: 1)]
    #expect(LedgerSummary(ranks: alone).disturbance?.waitedForCore == Spread([2]))
    for (computed, machine) in [(Double.nan, 1), (20, .nan)] {
      let untold = [figures(waited: 2, computed: computed, own: 20, machine: machine)]
      #expect(LedgerSummary(ranks: untold).disturbance?.waitedForCore == Spread([2]))
    }
  }

  @Test("Figures of several intervals keep a machine's ranks together")
  func severalIntervals() throws {
    let ranks = (0..<2).map { _ in figures(waited: 5, computed: 20, own: 10, machine: 4_294_967_295) }
    let summary = LedgerSummary(summing: [ranks, ranks, ranks])
    #expect(try #require(summary.disturbance?.waitedForCore).maximum == 0)
  }

  @Test("What programs computed is user, nice and system time of all cores")
  func computed() {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    #expect(
      SystemFile.computedSeconds("cpu  \(Int(ticks)) \(Int(2 * ticks)) \(Int(3 * ticks)) 900 5 6 7 8\ncpu0 1 1 1 1\n")
        == 6)
    #expect(SystemFile.computedSeconds("cpu 1 2").isNaN && SystemFile.computedSeconds(nil).isNaN)
  }

  @Test("Quantiles of steps rise; no steps have none")
  func steps() throws {
    let times = try #require(StepTimes((1...100).map(Double.init)))
    #expect(times.median == 50.5 && times.maximum == 100)
    #expect(abs(times.percentile95 - 95.05) < 1e-9 && abs(times.percentile99 - 99.01) < 1e-9)
    #expect(StepTimes([]) == nil)
  }
}
