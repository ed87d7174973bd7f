import Buffers
import Glibc

/// The end of a job that cannot go on: said once, and certain, whatever MPI does about it.
public struct JobEnd: Sendable {
  /// In which MPI's own end comes, or not.
  private static let secondsForMPI: UInt32 = 10

  /// Ends all ranks, where it can.
  private let abort: @Sendable () -> Void

  /// - Parameter abort: MPI_Abort; may never return.
  public init(abort: @escaping @Sendable () -> Void) { self.abort = abort }

  /// Says it and ends the job.
  public func speak(_ error: String) -> Never {
    say("lockstep: \(error)")
    leave(after: Self.secondsForMPI)
    abort()
    while true { sleep(1000) }
  }

  /// Says what it goes on without.
  func note(_ words: String) { say("note: \(words)") }

  private func say(_ line: String) {
    _ = Array("\(line)\n".utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Another rank has spoken, and ends this one.
  func waitForIt() -> Never {
    sleep(2 * Self.secondsForMPI)
    _exit(1)
  }

  /// A call of MPI may take the thread that makes it for ever.
  private func leave(after seconds: UInt32) {
    let thread = try? BackgroundThread.start(for: "the end") {
      sleep(seconds)
      _exit(1)
    }
    if thread == nil { alarm(seconds) }
  }
}
