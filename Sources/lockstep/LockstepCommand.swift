import ArgumentParser
import Foundation
import MessagePassing
import Training

@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Data-parallel training over MPI, made for large-batch scaling studies.",
    discussion: """
      Run train and study under mpirun or srun; on their own they run as one rank.
        mpirun -np 2 lockstep train launch/runs/fashion-mnist-mlp.yaml --output output/first
        mpirun -np 2 lockstep study launch/studies/batch-size.yaml --output output/batch-size
      """,
    version: Lockstep.version,
    subcommands: [
      TrainCommand.self, StudyCommand.self, ReportCommand.self, EvaluateCommand.self, PredictCommand.self,
      ExportCommand.self, ConvertCommand.self, SynthesizeCommand.self, InspectCommand.self,
    ])

  /// As ArgumentParser's own, but of several ranks with the same wrong flags only one says so.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let isFailure = exitCode(for: error) != .success
      guard !LauncherEnvironment.current.isFirst else { Self.end(error, isFailure: isFailure) }
      // A launcher ends the job when the first rank fails: leave rank 0 the time to speak.
      if isFailure { Thread.sleep(forTimeInterval: 1) }
      Foundation.exit(exitCode(for: error).rawValue)
    }
  }

  /// As `exit(withError:)`, but what it shows of the command line does nothing to a terminal.
  private static func end(_ error: any Error, isFailure: Bool) -> Never {
    let text = fullMessage(for: error)
    if !text.isEmpty { isFailure ? Console.errorLines(text) : Console.lines(text) }
    Foundation.exit(exitCode(for: error).rawValue)
  }
}
