import ArgumentParser
import Buffers
import Foundation
import Glibc
import MessagePassing
import Training

/// Steps that every command under a launcher takes the same way: start MPI, say errors once, end with the right exit
/// code.
enum Job {
  /// - Parameter body: returns the exit code, the same on every rank.
  static func run(_ body: (Communicator) throws -> ExitCode) throws {
    Interruption.listen(.ending)
    signal(SIGPIPE, SIG_IGN)
    // A process is alone, and speaks for itself, until MPI proves that it is not: a launcher's variables prove nothing.
    var rank = 0
    let code: ExitCode
    do {
      let learn = { (number: Int) in
        rank = number
        if number > 0 { Interruption.beSilent() }
      }
      code = try withMessagePassing(started: learn) { world in
        // Ranks may die, and another be the first then.
        defer { rank = world.rank }
        // Others may have learnt that their flags are wrong: see below.
        try world.agree {}
        return try body(world)
      }
    } catch {
      rank = (error as? CollectiveError)?.observer ?? rank
      if rank == 0 { say(error) }
      code = wasAsked(error) ? interrupted : ExitCode(1)
    }
    // A launcher ends the whole job at the first rank that fails, so only the one that speaks does, when it has spoken.
    if code != .success, rank == 0 { throw code }
  }

  /// Whether this process is the one to say that its flags are wrong. Among several ranks it is the first whose are;
  /// only MPI knows whether there are others, and those with right flags must not wait for the rest.
  static func saysThatFlagsAreWrong() -> Bool {
    guard LauncherEnvironment.current.size > 1 else { return true }
    let outcome = Result { try withMessagePassing { world in try world.agree { throw WrongFlags() } } }
    guard case .failure(let error as CollectiveError) = outcome else { return true }
    return error.rank == error.observer
  }

  private struct WrongFlags: Error, CustomStringConvertible {
    let description = "the flags are wrong there"
  }

  /// As typed, for the records.
  static var commandLine: String {
    let launcher = LauncherEnvironment.current
    return (launcher.launcher == nil ? "" : "mpirun -np \(launcher.size) ")
      + (["lockstep"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
  }

  static let interrupted = ExitCode(Interruption.exitCode)

  /// A run that diverged or was stopped leaves its results and says so with its exit code.
  static func exitCode(of record: RunRecord, on world: Communicator) -> ExitCode {
    switch record.outcome {
    case .completed: return .success
    case .diverged(let step, let rank, let reason):
      if world.rank == 0 { say("diverged at update \(step) on rank \(rank): \(reason)") }
      return ExitCode(1)
    case .interrupted(let step):
      let remedy = record.configuration.checkpoint == nil ? "" : "; --resume goes on from the newest checkpoint"
      if world.rank == 0 { say("stopped after update \(step), as asked; what was reached is saved\(remedy)") }
      return interrupted
    }
  }

  /// Whichever rank was: words are all that crosses from one to another.
  private static func wasAsked(_ error: any Error) -> Bool {
    (error as? CollectiveError)?.message == Interruption.Asked().description
  }

  /// With the limit on memory where that may be why and is not named yet.
  private static func say(_ error: Any) {
    let text = "lockstep: \(error)"
    Console.error(text.contains("ulimit") ? text : text + ResourceLimits.noteOfShortage)
  }
}
