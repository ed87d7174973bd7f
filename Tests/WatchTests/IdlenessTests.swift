import Testing
import Watch

@Suite struct IdlenessTests {
  private func seconds(_ first: ProcessUse, _ second: ProcessUse, after elapsed: Double = 10) -> Double {
    var idleness = Idleness()
    idleness.look(first, after: 1)
    idleness.look(second, after: elapsed)
    return idleness.seconds
  }

  private let waiting = ProcessUse(finishedCalls: 5, isWaiting: true, cpuSeconds: 1, transfers: 9)
  private let outside = ProcessUse(finishedCalls: 5, isWaiting: false, cpuSeconds: 1, transfers: 9)

  @Test func waitingWithinMPIIsIdleHoweverItSpins() {
    var spun = waiting
    spun.cpuSeconds += 10
    #expect(seconds(waiting, spun) == 10)
  }

  @Test func computingAndTransferringOutsideAreWork() {
    var computed = outside
    computed.cpuSeconds += 0.2
    #expect(seconds(outside, computed) == 0)
    var read = outside
    read.transfers += 1
    #expect(seconds(outside, read) == 0)
    var flushing = outside
    flushing.isInDisk = true
    #expect(seconds(outside, flushing) == 0)
    var alive = outside
    alive.cpuSeconds += 0.05
    #expect(seconds(outside, alive) == 10, "keeping alive is none")
  }

  @Test func aFinishedCallIsWork() {
    var next = waiting
    next.finishedCalls += 1
    #expect(seconds(waiting, next) == 0)
  }
}
