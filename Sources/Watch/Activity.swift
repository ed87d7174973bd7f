import Synchronization

/// Whether this process waits within MPI, and how often it came out of it: set by the thread that calls MPI, read by the
/// one that watches.
public enum Activity {
  private static let finished = Atomic<Int>(0)
  private static let depth = Atomic<Int>(0)

  /// Calls of MPI that came back with what they were made for.
  public static var finishedCalls: Int { finished.load(ordering: .relaxed) }
  /// Whether a call is under way. Waits may contain waits.
  public static var isWaiting: Bool { depth.load(ordering: .relaxed) > 0 }

  /// Before a call that may wait for other ranks.
  public static func beginCall() { depth.add(1, ordering: .relaxed) }

  /// After it.
  public static func endCall() {
    depth.subtract(1, ordering: .relaxed)
    finished.add(1, ordering: .relaxed)
  }
}
