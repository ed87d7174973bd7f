import ArgumentParser
import Datasets
import Foundation
import Reports
import Training

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a data file, a folder of data or a weights file holds, and whether a saved model is whole.")

  @Argument(help: "The file or folder.", completion: .file())
  var path: String

  func run() throws {
    do {
      let facts = try facts()
      let width = facts.map(\.0.count).max() ?? 0
      for (name, value) in facts {
        Console.line(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value)
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func facts() throws -> [(String, String)] {
    if path.hasSuffix(".safetensors") { return try weights() }
    let saved = try SavedModel(path)
    guard saved.has(.model) else { return try Inspection.inspect(path) }
    return try saved.check().map { ($0.name, "\(Format.integer($0.bytes)) bytes, whole") }
  }

  private func weights() throws -> [(String, String)] {
    try SafeTensors.contents(of: URL(fileURLWithPath: path)).map { ($0.name, "\($0.type) \($0.shape)") }
  }
}
