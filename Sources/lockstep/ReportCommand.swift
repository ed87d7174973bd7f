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
      let run = URL(fileURLWithPath: folder).appendingPathComponent("run.json")
      if FileManager.default.fileExists(atPath: run.path) {
        Console.lines(RunReport(try RunRecord.read(run)).terminal)
      } else {
        try Self.write(StudyReport(StoredStudy(folder: folder)), to: folder)
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  static func write(_ report: StudyReport, to folder: String) throws {
    let files = try report.write(to: folder)
    Console.lines(report.terminal)
    Console.line("report: \(files[0])")
  }
}
