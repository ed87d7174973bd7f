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

  @Option(
    help: ArgumentHelp(
      "Of N jobs that work on the study at the same time, run what is number I's, such as 2/4.", valueName: "i/n"),
    transform: Self.share)
  var share: StudyShare?

  @Option(
    help: "In which order trials run: 'shuffled', by the study's seed, or 'file', as the axes stand in the file.",
    completion: .list(["shuffled", "file"]), transform: Self.order)
  var order: TrialOrder?

  @Argument(help: "The study file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var outputOptions: OutputOptions

  func run() throws {
    try Job.run { world in
      let study = try world.agree {
        var study = try StudyConfiguration.load(file: file, overrides: configurationOptions.overrides)
        study.order = order ?? study.order
        return study.filled(jobRanks: world.size)
      }
      let runner = try StudyRunner(study, world: world, command: Job.commandLine)
      let store = try world.agree { try world.rank == 0 ? open(study) : nil }
      let display = StudyDisplay(
        quiet: outputOptions.quiet, disturbedAbove: study.measuring.disturbedAbove)
      var page = LivePage(quiet: outputOptions.quiet)
      let outcome = try runner.run(store) { event in
        display.show(event)
        // Jobs that share a study would write over each other.
        if case .ended = event, let store, share == nil { page.write(store) }
      }
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
    let store = try TrialStore(folder: folder.path, study: study, share: share)
    for notice in store.notices { Console.line("note: \(notice)") }
    let count = store.trials.count
    let finished = count - store.remaining.count
    if !outputOptions.quiet, finished > 0 {
      Console.line("continuing: \(finished) of \(count) trials\(ofShare) are in \(folder.path)")
    }
    return store
  }

  private var ofShare: String { share.map { " of share \($0.index)/\($0.count)" } ?? "" }

  private static func share(_ text: String) throws -> StudyShare {
    do { return try StudyShare(text) } catch { throw ValidationFailure(error) }
  }

  private static func order(_ text: String) throws -> TrialOrder {
    guard let order = TrialOrder(rawValue: text) else {
      throw ValidationFailure(StudyError("the order of trials is '\(text)', but must be shuffled or file"))
    }
    return order
  }

  private func writeReport(_ store: TrialStore) throws {
    try store.requireInPlace()
    // Other shares may have gone on beside this one. The last to end reports of all.
    let stored = try StoredStudy(folder: store.folder)
    guard share == nil || stored.missing.isEmpty else {
      return Console.line(
        "\(stored.missing.count) of \(stored.study.plan(after: stored.records).count) trials are still missing: the share that ends last writes "
          + "the report, and 'lockstep report \(store.folder)' shows what there is")
    }
    guard !stored.records.isEmpty else { return }
    Console.lines(try ReportCommand.write(StudyReport(stored), to: store.folder))
  }
}
