import Measurement
import Testing

@Suite struct UptimeTests {
  @Test func onlyMomentsSinceOneStartAreCompared() {
    let now = Uptime(boot: "a", seconds: 50)
    #expect(now.seconds(since: Uptime(boot: "a", seconds: 20)) == 30)
    #expect(now.seconds(since: Uptime(boot: "b", seconds: 20)) == nil)
    // As in a container whose clock begins anew.
    #expect(now.seconds(since: Uptime(boot: "a", seconds: 51)) == nil)
    #expect(Uptime(boot: "", seconds: 2).seconds(since: Uptime(boot: "", seconds: 1)) == nil)
    let first = Uptime.now
    #expect(Uptime.now.seconds(since: first).map { $0 >= 0 && $0 < 10 } ?? first.boot.isEmpty)
  }
}
