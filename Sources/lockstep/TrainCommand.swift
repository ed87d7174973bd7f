import ArgumentParser
import Configuration
import Datasets
import Foundation
import Kernels
import MessagePassing
import Reports
import Studies
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train one model; write run.json, weights.safetensors and what belongs to them.")

  @Argument(help: "The run file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Start from a saved model, with its optimiser's state: the --output folder of train or export.",
      valueName: "folder"))
  var from: String?

  @Flag(help: "With --from: take the weights only and start the optimiser anew.")
  var freshOptimizer = false

  @Flag(help: "Do not save the optimiser's state; --from then needs --fresh-optimizer.")
  var withoutOptimizer = false

  @Flag(help: "Replace a model that the folder holds, once the new one is finished.")
  var overwrite = false

  @Option(
    help: ArgumentHelp("Write a trace of all ranks, for ui.perfetto.dev.", valueName: "file"), completion: .file())
  var trace: String?

  @Option(
    help: ArgumentHelp("With --trace: these steps, from 1. (default: ten, from the sixth on)", valueName: "10..20"))
  var traceSteps: String?

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    if freshOptimizer, from == nil { throw ValidationError("--fresh-optimizer means nothing without --from") }
    if traceSteps != nil, trace == nil { throw ValidationError("--trace-steps means nothing without --trace") }
  }

  func run() throws {
    try Job.run { world in
      let configuration = try world.agree {
        try RunConfiguration.load(file: file, overrides: configurationOptions.overrides)
      }
      let folder = try world.agree { try world.rank == 0 ? resultFolder() : nil }
      let trainer = try Trainer(configuration, TrainingSession(configuration, world))
      if let from { try trainer.start(from: from, withFreshOptimizer: freshOptimizer) }
      try world.agree { try folder.map { try trainer.requireRoom(in: $0, withOptimizer: !withoutOptimizer) } }
      let trace = try world.agree { try self.traceFile(of: trainer, isWriter: world.rank == 0) }
      let display = ProgressDisplay(
        .init(quiet: outputOptions.quiet), evaluatedOn: trainer.evaluatedOn, isBinary: trainer.hasBinaryScores)
      if world.rank == 0, let warning = trainer.savingWarning { display.show(.notice(warning)) }
      let record = try trainer.run(command: Job.commandLine, report: display.show)
      try world.agree { try folder.map { try save(record, trainer, in: $0) } }
      try trainer.writeTrace(to: trace)
      return Job.exitCode(of: record, on: world)
    }
  }

  private func resultFolder() throws -> ResultFolder {
    try ResultFolder(
      outputOptions.output, replacing: overwrite ? .anyModel : .nothing,
      foreign: [StoredStudy.studyFile, StoredStudy.trialsFile])
  }

  /// - Returns: where it goes, on one rank.
  private func traceFile(of trainer: Trainer, isWriter: Bool) throws -> TraceFile? {
    guard let trace else { return nil }
    trainer.traceWindow = try TraceWindow(traceSteps, of: trainer.experiment.totalUpdates)
    return isWriter ? try TraceFile(trace) : nil
  }

  private func save(_ record: RunRecord, _ trainer: Trainer, in folder: ResultFolder) throws {
    let files = try trainer.save(record, in: folder, withOptimizer: !withoutOptimizer)
    let report = RunReport(record)
    Console.lines(outputOptions.quiet ? report.line : report.terminal)
    Console.line("\(folder.path): \(files.joined(separator: ", "))")
  }
}
