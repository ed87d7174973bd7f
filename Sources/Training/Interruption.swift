import Glibc
import Synchronization

/// Ctrl-C and the batch system's end of time: the run stops after the step it is in, on all ranks, and keeps its results.
public enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// From now on SIGINT and SIGTERM ask for an end instead of making one. A second one ends the process at once.
  public static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.requested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  public static var isRequested: Bool { requested.load(ordering: .relaxed) }
}
