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
      ExportCommand.self, ConvertCommand.self, SynthesizeCommand.self, InspectCommand.self, NetworkCommand.self,
      TuningCommand.self, WhatIfCommand.self, ProjectCommand.self, AdviseCommand.self, VerdictsCommand.self,
      SharpnessCommand.self, InterpolateCommand.self, ReproduceCommand.self, BisectCommand.self,
    ])

  /// Those that share no work among ranks: several processes of them are several commands.
  private static let withoutRanks: [any ParsableCommand.Type] = [
    ReportCommand.self, ExportCommand.self, ConvertCommand.self, SynthesizeCommand.self, InspectCommand.self,
    TuningCommand.self, WhatIfCommand.self, ProjectCommand.self, AdviseCommand.self, VerdictsCommand.self,
    BisectCommand.self,
  ]

  /// As ArgumentParser's own, but of several ranks with the same wrong flags only one says so, and what cannot be written is
  /// an error. A command without ranks says all for itself: other processes may have other work.
  static func main() {
    FileSizeLimit.becomeAnError()
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      let isShared = !withoutRanks.contains { $0.configuration.commandName == CommandLine.arguments.dropFirst().first }
      if isShared, exitCode(for: error) != .success, !Job.saysThatFlagsAreWrong() { Foundation.exit(0) }
      end(with: error)
    }
    do { try command.run() } catch { end(with: error) }
  }

  private static func end(with error: any Error) -> Never {
    let (code, text) = (exitCode(for: error), fullMessage(for: error))
    if code != .success {
      if !text.isEmpty { Console.errorLines(text) }
      Foundation.exit(code.rawValue)
    }
    do {
      if !text.isEmpty { try Console.result(text) }
    } catch { end(with: ValidationFailure(error)) }
    Foundation.exit(code.rawValue)
  }
}
