import ArgumentParser
import Training

/// Ctrl-C in a command that writes all of its output or none.
struct Stopped: Error {
  static func check() throws {
    if Interruption.isRequested { throw Stopped() }
  }

  /// Says so, and gives the exit code.
  static func exit(keeping target: String) -> ExitCode {
    Console.error("lockstep: stopped, as asked; \(target) holds what it held before")
    return Job.interrupted
  }
}
