import ArgumentParser
import Configuration
import Files
import MessagePassing
import Reports
import Studies
import Training

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Run every trial of a study, or those that are missing, and write its report.",
    discussion: "Stop it whenever you like: the same command continues with the trials that are not yet in the results."
  )

  @Argument(help: "The study file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var outputOptions: OutputOptions

  func run() throws {
    try Job.run { world in
      let study = try world.agree {
        try StudyConfiguration.load(file: file, overrides: configurationOptions.overrides).filled(jobRanks: world.size)
      }
      let runner = try StudyRunner(study, world: world, command: Job.commandLine)
      let store = try world.agree { try world.rank == 0 ? open(study) : nil }
      let display = StudyDisplay(quiet: outputOptions.quiet)
      let outcome = try runner.run(store, report: display.show)
      try world.agree { try store.map { try writeReport($0) } }
      guard case .interrupted = outcome else { return .success }
      if world.rank == 0 {
        Console.line("stopped, as asked; the same command continues with the trials that are missing")
      }
      return Job.interrupted
    }
  }

  private func open(_ study: StudyConfiguration) throws -> TrialStore {
    let folder = try OutputFolder(outputOptions.output)
    let store = try TrialStore(folder: folder.path, study: study)
    for notice in store.notices { Console.line("note: \(notice)") }
    if !outputOptions.quiet, !store.finished.isEmpty {
      Console.line("continuing: \(store.finished.count) of \(study.trials.count) trials are in \(folder.path)")
    }
    return store
  }

  private func writeReport(_ store: TrialStore) throws {
    try store.requireInPlace()
    guard !store.records.isEmpty else { return }
    Console.lines(try ReportCommand.write(StudyReport(store.study, store.records), to: store.folder))
  }
}
