import Glibc
import Measurement
import Synchronization

/// Ctrl-C, the batch system's warning or its end of time: whatever asks a process to end. Training stops after the step
/// that it is in, on all ranks, and keeps its results; what has nothing to keep ends at once.
///
/// No handler ever runs on a thread that computes: oneDNN's matrix products keep data below the stack pointer, where a
/// signal's frame would overwrite it and damage the heap (found with version 2.6; see docs/decisions). So the signals are
/// blocked everywhere, and one thread of their own waits for them.
public enum Interruption {
  /// Effect of a signal.
  public enum Answer: Int, Sendable {
    /// The process says that it stops, and ends: nothing is lost.
    case ending
    /// `isRequested` tells whoever works, who then stops where it is right.
    case noting
  }

  /// Work was left off because the process, or another rank, was asked to end.
  public struct Asked: Error, Equatable, CustomStringConvertible {
    /// Carries nothing: the signal's answer has said who asked.
    public init() {}
    /// The words of the error that all ranks share.
    public var description: String { "stopped, as asked" }
  }

  /// The exit code that a shell expects of a process that Ctrl-C ended.
  public static let exitCode: Int32 = 130

  private static let requested = Atomic<Bool>(false)
  private static let answer = Atomic<Int>(Answer.noting.rawValue)
  private static let speaks = Atomic<Bool>(true)

  /// From now on SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU ask for an end instead of making one, except those
  /// that were ignored at the start, as SIGHUP is under nohup: they stay so.
  ///
  /// To be called once, before anything that starts threads (MPI, oneDNN): they inherit what this thread blocks.
  public static func listen(_ answer: Answer = .noting) {
    self.answer.store(answer.rawValue, ordering: .sequentiallyConsistent)
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

  /// Sets what a signal does from here on. Without effect where nobody listens.
  public static func answer(with answer: Answer) {
    self.answer.store(answer.rawValue, ordering: .sequentiallyConsistent)
    if answer == .ending, isRequested { end() }
  }

  /// For all ranks but the one that speaks for them: they end without a word.
  public static func beSilent() { speaks.store(false, ordering: .relaxed) }

  /// Whether a signal has arrived; stays true. Callable from any thread.
  public static var isRequested: Bool { requested.load(ordering: .sequentiallyConsistent) }

  /// - Throws: `Asked`.
  public static func check() throws {
    if isRequested { throw Asked() }
  }

  /// Launchers send SIGTERM twice as a matter of course (`timeout` to a process and to its group, a batch system to all and
  /// mpirun once more), and batch systems warn before they end: none of that may cut short the saving that the first one
  /// asked for. Only a second Ctrl-C, from a person, ends the process at once.
  private static func wait() {
    var signals = watched
    var firstInterrupt: UInt64?
    while true {
      var number: Int32 = 0
      sigwait(&signals, &number)
      let now = MonotonicClock.now()
      if number == SIGINT {
        if let firstInterrupt, now - firstInterrupt > 1_000_000_000 { die(of: number) }
        firstInterrupt = firstInterrupt ?? now
      }
      requested.store(true, ordering: .sequentiallyConsistent)
      if answer.load(ordering: .sequentiallyConsistent) == Answer.ending.rawValue { end() }
    }
  }

  /// Without a look at what other threads are doing.
  private static func end() -> Never {
    if speaks.load(ordering: .relaxed) {
      var text = "lockstep: \(Asked())\n"
      text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
    _exit(exitCode)
  }

  /// As if nobody had listened.
  private static func die(of number: Int32) {
    var signals = watched
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
  }

  /// Set once, at the first look: before anything is changed.
  private static let watched: sigset_t = {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU] where !isIgnored(number) {
      sigaddset(&signals, number)
    }
    return signals
  }()

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    return handler == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
