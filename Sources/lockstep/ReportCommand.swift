import ArgumentParser
import Foundation
import Reports
import Studies
import Training

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a study's report anew from its stored results, or show a run's.")

  @Argument(help: "The --output folder of a study or of a run.", completion: .directory)
  var folder: String

  func run() throws {
    do {
      let saved = try SavedModel(folder)
      if saved.has(.run) {
        try Console.result(RunReport(saved.record()).terminal)
      } else {
        try Console.result(try Self.write(StudyReport(StoredStudy(folder: folder)), to: folder))
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  /// - Returns: what there is to show.
  static func write(_ report: StudyReport, to folder: String) throws -> String {
    let files = try report.write(to: folder)
    return "\(report.terminal)\nreport: \(files[0])"
  }
}
