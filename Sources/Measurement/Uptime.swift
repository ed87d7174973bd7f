/// A moment since a host's start, on its monotonic clock: tells how long ago something was, however people set the time meanwhile.
package struct Uptime: Encodable, Equatable, Sendable {
  /// Which start of which host; empty where the system does not tell.
  package var boot: String
  package var seconds: Double

  package init(boot: String, seconds: Double) { (self.boot, self.seconds) = (boot, seconds) }

  /// Now, on this host.
  package static var now: Uptime { Uptime(boot: SystemFile.boot, seconds: MonotonicClock.seconds) }

  /// Nil where the other moment is of another host, or from before a new start.
  package func seconds(since other: Uptime) -> Double? {
    !boot.isEmpty && boot == other.boot && other.seconds <= seconds ? seconds - other.seconds : nil
  }
}
