import ArgumentParser
import Foundation
import Reports
import Studies
import Training

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a study's report anew from its stored results, show a run's, or compare several studies.",
    discussion: """
      Several studies of the same data and model (of other machines, commits, job sizes) come on one page, with what differs between \
      them and which differences of time and quality are more than chance:
        lockstep report output/before output/after --output output/before-after
      """)

  @Argument(
    help: "The --output folder of a study or of a run; of several studies, to compare them.", completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp("Folder for the report of several studies; made if needed.", valueName: "folder"),
    completion: .directory)
  var output: String?

  func validate() throws {
    if folders.count > 1, output == nil {
      throw ValidationError("several studies make a report of their own: give a folder for it with --output")
    }
    if folders.count == 1, output != nil {
      throw ValidationError("--output is for several studies: the report of one goes into its own folder")
    }
  }

  func run() throws {
    do {
      if let output {
        try compare(to: output)
      } else {
        try show(folders[0])
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func show(_ folder: String) throws {
    let saved = try SavedModel(folder)
    if saved.has(.run) {
      try Console.result(RunReport(saved.record()).terminal)
    } else {
      try Console.result(try Self.write(StudyReport(StoredStudy(folder: folder)), to: folder))
    }
  }

  private func compare(to output: String) throws {
    try ReportFolder.require(output, of: ComparisonReport.dataFile)
    let report = ComparisonReport(try StudyComparison(ComparedStudy.read(folders)), command: Job.commandLine)
    let files = try report.write(to: output)
    try Console.result("\(report.terminal)\nreport: \(files[0])")
  }

  /// - Returns: what there is to show.
  static func write(_ report: StudyReport, to folder: String) throws -> String {
    let files = try report.write(to: folder)
    return "\(report.terminal)\nreport: \(files[0])"
  }
}
