import ArgumentParser
import Foundation
import Glibc
import MessagePassing
import Training

/// What every command under a launcher does the same way: start MPI, say errors once, end with the right exit code.
enum Job {
  /// - Parameter body: returns the exit code, the same on every rank.
  static func run(_ body: (Communicator) throws -> ExitCode) throws {
    Interruption.listen()
    signal(SIGPIPE, SIG_IGN)
    let code: ExitCode
    do {
      code = try withMessagePassing(body)
    } catch {
      if LauncherEnvironment.current.isFirst { say(error) }
      code = ExitCode(1)
    }
    // A launcher ends the whole job at the first rank that fails, so only the one that speaks does, when it has spoken.
    if code != .success, LauncherEnvironment.current.isFirst { throw code }
  }

  /// As typed, for the records.
  static var commandLine: String {
    let launcher = LauncherEnvironment.current
    return (launcher.launcher == nil ? "" : "mpirun -np \(launcher.size) ")
      + (["lockstep"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
  }

  /// What a shell expects of a process that Ctrl-C ended.
  static let interrupted = ExitCode(130)

  /// A run that diverged or was stopped leaves its results and says so with its exit code.
  static func exitCode(of record: RunRecord, on world: Communicator) -> ExitCode {
    switch record.outcome {
    case .completed: return .success
    case .diverged(let step, let rank, let reason):
      if world.rank == 0 { say("diverged at update \(step) on rank \(rank): \(reason)") }
      return ExitCode(1)
    case .interrupted(let step):
      if world.rank == 0 { say("stopped after update \(step), as asked; what was reached is saved") }
      return interrupted
    }
  }

  private static func say(_ error: Any) { Console.error("lockstep: \(error)") }
}
