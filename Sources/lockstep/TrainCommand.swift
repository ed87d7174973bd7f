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

  @Flag(help: "With --from: ids that the model's vocabularies lack get rows of their own; else they are an error.")
  var grow = false

  @Flag(help: "Do not save the optimiser's state; --from then needs --fresh-optimizer.")
  var withoutOptimizer = false

  @Flag(help: "Replace a model that the folder holds, once the new one is finished.")
  var overwrite = false

  @Flag(
    help: ArgumentHelp(
      "Go on from the newest checkpoint in --output, on any number of ranks; begin where there is none, and do nothing where "
        + "the run has ended."))
  var resume = false

  @Flag(
    help: ArgumentHelp(
      "Write sums of every step's gradients and state to run.trail in --output, by which lockstep bisect finds where two runs "
        + "differ. Steps take longer."))
  var trail = false

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
    if grow, from == nil { throw ValidationError("--grow means nothing without --from") }
    if resume, overwrite {
      throw ValidationError("--resume goes on with what --overwrite replaces: give one of the two")
    }
    if resume, from != nil {
      throw ValidationError(
        "--resume goes on from a checkpoint and --from begins with a saved model: to do both, set 'from' in the run file"
      )
    }
    if traceSteps != nil, trace == nil { throw ValidationError("--trace-steps means nothing without --trace") }
  }

  func run() throws {
    try Job.run { world in
      let configuration = try world.agree {
        try RunConfiguration.load(file: file, overrides: configurationOptions.overrides)
      }
      var folder = try world.agree { try world.rank == 0 ? resultFolder() : nil }
      let checkpoint = try resume ? checkpoint(world) : nil
      if checkpoint == nil, resume, try hasEnded(configuration, folder, world) { return .success }
      let trainer = try Trainer(configuration, resuming: checkpoint, TrainingSession(configuration, world))
      let growth = try from.flatMap {
        try trainer.start(from: $0, withFreshOptimizer: freshOptimizer, mayGrow: grow)
      }
      try world.agree { try folder.map { try trainer.requireRoom(in: $0, withOptimizer: !withoutOptimizer) } }
      let trace = try world.agree { try self.traceFile(of: trainer, isWriter: world.rank == 0) }
      if trail { try trainer.writeTrail(in: folder?.path) }
      let display = ProgressDisplay(
        .init(quiet: outputOptions.quiet), evaluatedOn: trainer.evaluatedOn, isBinary: trainer.hasBinaryScores)
      let blindness = try trainer.writeCheckpoints(in: folder?.path ?? "")
      if world.rank == 0, let blindness { display.show(.notice(blindness)) }
      if world.rank == 0, let checkpoint { Console.line("note: \(checkpoint.words)") }
      if world.rank == 0, let growth { Console.line("note: new rows for \(growth.words)") }
      if world.rank == 0, let warning = trainer.savingWarning { display.show(.notice(warning)) }
      let record = try trainer.run(command: Job.commandLine, report: display.show)
      try trainer.surviving(display.show) {
        try world.agree {
          guard world.rank == 0 else { return }
          // Where the first rank has died, another is first now.
          folder = try folder ?? heirsFolder()
          try folder.map { try save(record, trainer, in: $0) }
        }
        if world.rank == 0, !record.outcome.isInterrupted { trainer.removeCheckpoints() }
        try trainer.writeTrace(to: trace)
      }
      return Job.exitCode(of: record, on: world)
    }
  }

  private func resultFolder() throws -> ResultFolder {
    let folder = try ResultFolder(
      outputOptions.output, replacing: overwrite || resume ? .anyModel : .nothing,
      foreign: [StoredStudy.studyFile, StoredStudy.trialsFile])
    if overwrite { Checkpoint.removeAll(in: folder.path) }
    return folder
  }

  /// The same, where another rank had it.
  private func heirsFolder() throws -> ResultFolder { try ResultFolder(outputOptions.output, replacing: .anyModel) }

  /// The newest whole one; collective.
  private func checkpoint(_ world: Communicator) throws -> Checkpoint? {
    try Checkpoint.newest(in: outputOptions.output, world) { Console.line("note: \($0)") }
  }

  /// Whether the folder holds this run, ended: then there is nothing to do. Collective.
  private func hasEnded(_ configuration: RunConfiguration, _ folder: ResultFolder?, _ world: Communicator) throws
    -> Bool
  {
    let ended = try world.agree { try folder.map { try $0.holdsEnded(configuration) } ?? false }
    if ended { Console.line("\(outputOptions.output): the run has ended; nothing is left to do") }
    return try world.broadcast(ended ? 1 : 0, root: 0) == 1
  }

  /// - Returns: where it goes, on one rank.
  private func traceFile(of trainer: Trainer, isWriter: Bool) throws -> TraceFile? {
    guard let trace else { return nil }
    trainer.traceWindow = try TraceWindow(traceSteps, of: trainer.experiment.totalUpdates)
    return isWriter ? try TraceFile(trace) : nil
  }

  private func save(_ record: RunRecord, _ trainer: Trainer, in folder: ResultFolder) throws {
    var files = try trainer.save(record, in: folder, withOptimizer: !withoutOptimizer)
    // The run is saved, and nothing of it depends on its trail.
    do { files += try trainer.saveTrail(record, in: folder).map { [$0] } ?? [] } catch {
      Console.line("note: \(error)")
    }
    let report = RunReport(record)
    Console.lines(outputOptions.quiet ? report.line : report.terminal)
    Console.line("\(folder.path): \(files.joined(separator: ", "))")
  }
}
