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
        Console.line(RunReport(try saved.record()).terminal)
      } else {
        try Self.write(StudyReport(StoredStudy(folder: folder)), to: folder)
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  static func write(_ report: StudyReport, to folder: String) throws {
    let files = try report.write(to: folder)
    Console.line(report.terminal)
    Console.line("report: \(files[0])")
  }
}
