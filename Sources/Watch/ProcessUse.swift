import Glibc

/// The use that this process has made of the machine so far, and of MPI.
package struct ProcessUse: Equatable {
  /// `Activity.finishedCalls`.
  package var finishedCalls: Int
  /// `Activity.isWaiting`.
  package var isWaiting: Bool
  /// User and system time of all threads.
  package var cpuSeconds: Double
  /// Pages read back in, blocks read and written.
  package var transfers: Int

  package init(finishedCalls: Int, isWaiting: Bool, cpuSeconds: Double, transfers: Int) {
    self.finishedCalls = finishedCalls
    self.isWaiting = isWaiting
    self.cpuSeconds = cpuSeconds
    self.transfers = transfers
  }

  static func now() -> ProcessUse {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return ProcessUse(
      finishedCalls: Activity.finishedCalls, isWaiting: Activity.isWaiting,
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      transfers: usage.ru_majflt + usage.ru_inblock + usage.ru_oublock)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
