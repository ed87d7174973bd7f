import ArgumentParser
import Configuration
import Foundation
import Reports
import Studies
import Training

struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise",
    abstract: "Say what other global batches would take to a run's goal, before they are trained.",
    discussion: """
      From one run that looked at its gradient noise, and a short study that timed batches, if there is one: updates, samples, time \
      and money to the goal against the global batch, with their ranges.
        lockstep train run.yaml --set 'measure={noiseScale: {}}' --output output/run
        lockstep advise output/run --timings output/timing --target validationLoss=0.4
        lockstep advise output/run --timings output/sweep --sweep output/sweep      # beside what a sweep took
      """)

  @Argument(help: "The --output folder of a run with measure.noiseScale.", completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp(
      "A study of the same model and data that timed two global batches or more.", valueName: "folder"),
    completion: .directory)
  var timings: String?

  @Option(
    help: ArgumentHelp(
      "The goal, as validationAccuracy=, validationAUC= or validationLoss=; by default a sweep's, or as far as the run came.",
      valueName: "key=value"),
    transform: AdviseCommand.target)
  var target: StudyConfiguration.Target?

  @Option(help: ArgumentHelp("Global batches, such as 64,256,1024.", valueName: "list"))
  var batches: String?

  @Option(
    help: ArgumentHelp("A study with a target, whose updates to it stand beside the advice.", valueName: "folder"),
    completion: .directory)
  var sweep: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Which trials, where a study has several kinds; may be repeated.", valueName: "key=value"))
  var only: [String] = []

  @Option(
    help: ArgumentHelp("Folder for the report; by default 'advice' in the run's.", valueName: "folder"),
    completion: .directory)
  var output: String?

  func validate() throws { _ = try batchList }

  func run() throws {
    do {
      let target = output ?? (folder as NSString).appendingPathComponent("advice")
      try ReportFolder.require(target, of: AdviceReport.dataFile)
      let record = try SavedModel(folder).record()
      let studies = try (timings.map { try StoredStudy(folder: $0) }, sweep.map { try StoredStudy(folder: $0) })
      let question = try ask(studies)
      let report = AdviceReport(
        try Advice(record, name: folder, question), of: record, name: (folder as NSString).lastPathComponent, question,
        command: Job.commandLine, notices: ((studies.0?.notices ?? []) + (studies.1?.notices ?? [])).uniqued)
      let files = try report.write(to: target)
      try Console.result("\(report.terminal)\nreport: \(files[0])")
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func ask(_ studies: (StoredStudy?, StoredStudy?)) throws -> AdviceQuestion {
    var question = AdviceQuestion()
    question.target = target
    question.batches = try batchList
    question.timings = try studies.0.map { try ProjectionSubject($0, only: only) }
    question.sweep = try studies.1.map { try ProjectionSubject($0, only: only) }
    return question
  }

  private var batchList: [Int]? {
    get throws { try batches.map { try FlagRange.globalBatch.list("--batches", $0) } }
  }

  private static func target(_ text: String) throws -> StudyConfiguration.Target {
    do { return try StudyConfiguration.Target(flag: text) } catch { throw ValidationError("\(error)") }
  }
}
