import Glibc

/// Moments in seconds since 1970, UTC, that other programs can place. It is set once and then goes as the monotonic clock does: what
/// sets the system's time meanwhile neither stretches nor turns an interval.
package struct WallClock: Sendable {
  /// Of the monotonic clock's 0.
  private let origin: Double

  /// Set by the system's clock.
  package init() {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    origin = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9 - Double(MonotonicClock.now()) * 1e-9
  }

  /// To about a microsecond, as many digits as such a number has.
  package func now() -> Double { origin + Double(MonotonicClock.now()) * 1e-9 }
}
