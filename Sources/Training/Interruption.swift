import Glibc
import Synchronization

/// Ctrl-C and the batch system's end of time: the run stops after the step it is in, on all ranks, and keeps its results.
///
/// No handler ever runs on a thread that computes: oneDNN's matrix products keep data below the stack pointer, where a
/// signal's frame would overwrite it and damage the heap (found with version 2.6; see docs/decisions). So both signals
/// are blocked everywhere, and one thread of their own waits for them.
public enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// From now on SIGINT and SIGTERM ask for an end instead of making one. A second one ends the process at once.
  ///
  /// To be called once, before anything that starts threads (MPI, oneDNN): they inherit what this thread blocks.
  public static func listen() {
    var signals = watched
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { _ in
        Interruption.wait()
        return nil
      }, nil)
    guard status == 0 else {
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      return
    }
    pthread_detach(thread)
  }

  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  private static func wait() {
    var signals = watched
    var number: Int32 = 0
    sigwait(&signals, &number)
    requested.store(true, ordering: .relaxed)
    sigwait(&signals, &number)
    // As if nobody had listened.
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
  }

  private static var watched: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    return signals
  }
}
