import ArgumentParser
import Configuration
import Datasets
import Files
import Foundation
import Reports
import Training

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Say what a data file, a folder of data, text of clicks or a weights file holds, whether a model is whole, or what "
      + "layers a run file's model has.")

  @Argument(help: "The file or folder; a run file ends in .yaml or .yml.", completion: .file())
  var path: String

  @Option(
    help: ArgumentHelp(
      "The file is text of clicks: the schema file that says what its columns are.", valueName: "file"),
    completion: .file())
  var schema: String?

  @OptionGroup var configurationOptions: ConfigurationOptions

  func validate() throws {
    if !isRunFile, !configurationOptions.overrides.isEmpty {
      throw ValidationError("--set means nothing without a run file")
    }
  }

  private var isRunFile: Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

  func run() throws {
    do {
      if isRunFile { return try showModel() }
      if let schema { return try showText(schema) }
      let facts = try facts()
      let width = facts.map(\.0.count).max() ?? 0
      for (name, value) in facts {
        try Console.result(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value)
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

  private func showModel() throws {
    let run = try RunConfiguration.load(file: path, overrides: configurationOptions.overrides)
    for line in try run.modelInspection(try DatasetPair.open(run.data)) { try Console.result(line) }
  }

  private func showText(_ schema: String) throws {
    let summary = try ClickText.summary(of: path, schema: try ClickSchemaFile.load(file: schema))
    try Console.result(ClickSummaryDisplay.text(summary))
  }

  private func weights() throws -> [(String, String)] {
    try InputFile.require(path, "a weights file")
    return try SafeTensors.contents(of: URL(fileURLWithPath: path)).map { ($0.name, "\($0.type) \($0.shape)") }
  }
}
