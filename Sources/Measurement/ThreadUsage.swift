import Glibc

/// The calling thread's use of the machine: getrusage(2), RUSAGE_THREAD.
package struct ThreadUsage {
  /// Wall-clock.
  package var seconds: Double
  /// User and system.
  package var cpuSeconds: Double
  /// Times that it was taken off a processor though it had work.
  package var involuntarySwitches: Double

  package init(seconds: Double, cpuSeconds: Double, involuntarySwitches: Double) {
    self.seconds = seconds
    self.cpuSeconds = cpuSeconds
    self.involuntarySwitches = involuntarySwitches
  }

  /// RUSAGE_THREAD, which glibc's header keeps from Swift.
  private static let thread: Int32 = 1

  package static func now() -> ThreadUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(thread), &usage)
    return ThreadUsage(
      seconds: Double(MonotonicClock.now()) * 1e-9, cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      involuntarySwitches: Double(usage.ru_nivcsw))
  }

  package func since(_ other: ThreadUsage) -> ThreadUsage {
    ThreadUsage(
      seconds: seconds - other.seconds, cpuSeconds: cpuSeconds - other.cpuSeconds,
      involuntarySwitches: involuntarySwitches - other.involuntarySwitches)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
