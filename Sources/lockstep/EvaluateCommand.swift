import ArgumentParser
import Configuration
import Datasets
import Foundation
import MessagePassing
import Reports
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Load a run's weights and evaluate them on its validation data.")

  @Argument(
    help: "The --output folder of a train command: its run.json, model.json and weights.", completion: .directory)
  var folder: String

  @Option(
    help: "Other data than the run's: a folder with training and test files; with --schema, a text file of clicks.",
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "--data is text, all rows of which are evaluated: the schema file of the model's data.", valueName: "file"),
    completion: .file())
  var schema: String?

  @Flag(help: "Evaluate on the training set too.")
  var trainingSet = false

  func validate() throws {
    guard schema != nil else { return }
    if data == nil { throw ValidationError("--schema says what the text of --data is: give that too") }
    if trainingSet { throw ValidationError("--training-set means nothing with --schema: all rows are evaluated once") }
  }

  func run() throws {
    try Job.run { world in
      let folder = URL(fileURLWithPath: folder)
      let record = try world.agree { try RunRecord.read(folder.appendingPathComponent("run.json")) }
      var configuration = record.configuration
      if let data {
        configuration.data.path = URL(fileURLWithPath: data).path
        configuration.data.schema = nil
      }
      let text = try world.agree { try openText() }
      let session = try TrainingSession(configuration, data: text, world)
      if let data { try world.agree { try requireFits(session.data, at: data) } }
      let evaluator = try Evaluator(configuration, session)
      let saved = ModelFolder(self.folder)
      try world.agree { try evaluator.loadWeights(of: saved, try ModelFile.read(saved.model)) }
      func show(_ name: String, _ data: any Dataset) throws {
        let quality = try evaluator.evaluate(data)
        guard world.rank == 0 else { return }
        let words = QualityWords(isBinary: evaluator.hasBinaryScores, lossDecimals: 6, areaDecimals: 6)
        try Console.result("\(name)  \(words.all(of: quality))  \(Format.integer(data.count)) samples")
      }
      if world.rank == 0 { session.data.notices.forEach { Console.line("note: \($0)") } }
      if trainingSet { try show("training", session.data.training) }
      try show("validation", session.data.validation)
      return .success
    }
  }

  /// Data with as many ids, which mean something else, would be evaluated without a word.
  private func requireFits(_ data: DatasetPair, at path: String) throws {
    try ModelFile.read(ModelFolder(folder).model).requireFits(data.validation, at: path)
  }

  private func openText() throws -> DatasetPair? {
    guard let data, let schema else { return nil }
    let model = try ModelFile.read(ModelFolder(folder).model)
    let rows = try PredictionData.open(text: data, schema: schema, for: model, to: .evaluate)
    return DatasetPair(training: rows, validation: rows, path: data, notices: rows.notices)
  }
}
