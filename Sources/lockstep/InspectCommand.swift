import ArgumentParser
import Datasets
import Foundation
import Training

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Say what a data file, a folder of data or a weights file holds.")

  @Argument(help: "The file or folder.", completion: .file())
  var path: String

  func run() throws {
    do {
      let facts = path.hasSuffix(".safetensors") ? try weights() : try Inspection.inspect(path)
      let width = facts.map(\.0.count).max() ?? 0
      for (name, value) in facts {
        try Console.result(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value)
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func weights() throws -> [(String, String)] {
    try SafeTensors.contents(of: URL(fileURLWithPath: path)).map { ($0.name, "\($0.type) \($0.shape)") }
  }
}
