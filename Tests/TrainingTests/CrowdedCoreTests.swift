import Measurement
import Testing
import Training

@Suite struct CrowdedCoreTests {
  @Test(arguments: [
    // A spinning rank alone on its core; one that waits for a disk; one that shares its core with one other thread, and
    // with seven (measured: turns of about 3 ms).
    (ThreadUsage(seconds: 4, cpuSeconds: 3.95, involuntarySwitches: 40), false),
    (ThreadUsage(seconds: 4, cpuSeconds: 0.5, involuntarySwitches: 3), false),
    (ThreadUsage(seconds: 4, cpuSeconds: 2, involuntarySwitches: 600), true),
    (ThreadUsage(seconds: 8, cpuSeconds: 0.52, involuntarySwitches: 156), true),
  ])
  func sharedCoresAreToldFromBusyAndIdleOnes(usage: ThreadUsage, isCrowded: Bool) {
    #expect(CrowdedCore.isCrowded(usage) == isCrowded)
  }
}
