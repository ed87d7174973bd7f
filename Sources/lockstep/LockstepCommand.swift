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

  /// As ArgumentParser's own, but of several ranks with the same wrong flags one says so first, and what cannot be written
  /// is an error. What a command says of its run it says at once: of several processes that each do their own work, each
  /// speaks.
  static func main() {
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      if exitCode(for: error) != .success { LauncherEnvironment.current.letFirstSpeak() }
      end(with: error)
    }
    do { try command.run() } catch { end(with: error) }
  }

  private static func end(with error: any Error) -> Never {
    let (code, text) = (exitCode(for: error), fullMessage(for: error))
    if code != .success {
      if !text.isEmpty { Console.error(text) }
      Foundation.exit(code.rawValue)
    }
    do {
      if !text.isEmpty { try Console.result(text) }
    } catch { end(with: ValidationFailure(error)) }
    Foundation.exit(code.rawValue)
  }
}
