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
    unknown.replaceSubrange(unknown.count - 5..<unknown.count - 2, with: [.nan, .nan, .nan])
    let summary = LedgerSummary(ranks: [known, unknown])
    let disturbance = try #require(summary.disturbance)
    #expect(disturbance.waitedForCore == nil && disturbance.stolen == nil && disturbance.pressure == nil)
    #expect(disturbance.lost == nil && summary.lostShare == nil)
  }

  @Test("Quantiles of steps rise; no steps have none")
  func steps() throws {
    let times = try #require(StepTimes((1...100).map(Double.init)))
    #expect(times.median == 50.5 && times.maximum == 100)
    #expect(abs(times.percentile95 - 95.05) < 1e-9 && abs(times.percentile99 - 99.01) < 1e-9)
    #expect(StepTimes([]) == nil)
  }
}
