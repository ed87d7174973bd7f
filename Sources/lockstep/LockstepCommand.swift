import ArgumentParser
import Files
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
    FileSizeLimit.becomeAnError()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let isFailure = exitCode(for: error) != .success
      guard !LauncherEnvironment.current.isFirst else { exit(withError: error) }
      // A launcher ends the job when the first rank fails: leave rank 0 the time to speak.
      if isFailure { Thread.sleep(forTimeInterval: 1) }
      Foundation.exit(exitCode(for: error).rawValue)
    }
  }
}
