import Glibc

/// The only clock: monotonic nanoseconds, shared by all processes of a host.
public enum MonotonicClock {
  /// Seconds since that moment.
  public static var seconds: Double { Double(now()) * 1e-9 }

  /// Nanoseconds since a moment that is the same for all processes of the host.
  public static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// The operating system's account of this process.
public enum ProcessUsage {
  /// User and system seconds of all threads.
  public static func cpuSeconds() -> Double {
    let usage = resources()
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// The largest resident set so far, in bytes.
  public static func peakMemoryBytes() -> Double { Double(resources().ru_maxrss) * 1024 }

  private static func resources() -> rusage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
