import ArgumentParser
import Configuration
import MessagePassing
import Studies
import Training

struct ReproduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Run a stored run again, on any ranks, and say whether its weights have the same bits.",
    discussion: """
      Of a study, ROW is a row of results.csv, from 1. Nothing is written. Exit code 1 where the weights differ, with the first figure that \
      does and what may be why:
        mpirun -np 2 lockstep reproduce output/run
        mpirun -np 3 lockstep reproduce output/batch-size#7
      """)

  @Argument(
    help: ArgumentHelp("The --output folder of train, or that of study with a row: FOLDER#ROW.", valueName: "result"),
    completion: .directory)
  var result: String

  @Option(help: "Where the run's data lie here; where they were if not given.", completion: .file())
  var data: String?

  @Flag(name: .long, help: "Show no progress.")
  var quiet = false

  func run() throws {
    try Job.run { world in
      let stored = try world.agree { try storedRun() }
      let configuration = try world.agree { try settings(stored, ranks: world.size) }
      let session = try TrainingSession(configuration, world)
      try world.agree { try requireSameData(stored, session) }
      let trainer = try Trainer(configuration, session)
      let display = ProgressDisplay(
        .init(quiet: quiet), evaluatedOn: trainer.evaluatedOn, isBinary: trainer.hasBinaryScores)
      let record = try trainer.run(command: Job.commandLine, report: display.show)
      // Nothing was to be kept, so nothing is saved.
      if record.outcome.isInterrupted { try world.agree { throw Interruption.Asked() } }
      let reproduction = Reproduction(stored, again: record)
      if world.rank == 0 { try Console.result(reproduction.words) }
      return reproduction.isSame ? .success : ExitCode(1)
    }
  }

  private func storedRun() throws -> RunRecord {
    let parts = result.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      if (try? StoredStudy(folder: result)) != nil {
        throw ValidationError("\(result) is a study: say which row of its results.csv, such as \(result)#1")
      }
      return try SavedModel(result).record()
    }
    let study = try StoredStudy(folder: String(parts[0]))
    let rows = study.rows
    guard let row = Int(parts[1]), rows.indices.contains(row - 1) else {
      throw ValidationError("\(parts[0]) has rows 1 to \(rows.count), and '\(parts[1])' is none of them")
    }
    guard rows[row - 1].calls == nil else {
      throw ValidationError("row \(row) of \(parts[0]) timed calls, and trained nothing")
    }
    return rows[row - 1].run
  }

  private func settings(_ stored: RunRecord, ranks: Int) throws -> RunConfiguration {
    var configuration = try Reproduction.settings(of: stored, ranks: ranks)
    if let data { configuration.data.path = data }
    return configuration
  }

  /// Other data could not come to the same.
  private func requireSameData(_ stored: RunRecord, _ session: TrainingSession) throws {
    guard let theirs = stored.dataset.checksum, let ours = session.data.checksum, theirs != ours else { return }
    throw ValidationError(
      "\(session.data.path) is not the data that the run learned from (checksum \(ours), theirs \(theirs)): give it with --data"
    )
  }
}
