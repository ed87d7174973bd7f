import ArgumentParser
import Batches
import Configuration
import Datasets
import Foundation
import MessagePassing
import Reports
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluate a saved model on what its run held out, or on other data.")

  @Argument(
    help: "The --output folder of train or export.", completion: .directory)
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
      let saved = try world.agree { try SavedModel(folder) }
      let model = try world.agree { try saved.modelFile() }
      let configuration = try world.agree { try self.configuration(saved, model) }
      let text = try world.agree { try openText(model) }
      let session = try TrainingSession(configuration, data: text, world)
      // Data with as many ids, which mean something else, would be evaluated without a word.
      try world.agree { try model.requireFits(session.data.validation, at: session.data.path) }
      let evaluator = try Evaluator(configuration, session, of: saved, model)
      func show(_ name: String, _ data: any Dataset) throws {
        let quality = try evaluator.evaluate(data)
        guard world.rank == 0 else { return }
        let words = QualityWords(isBinary: evaluator.hasBinaryScores, lossDecimals: 6, areaDecimals: 6)
        try Console.result("\(name)  \(words.all(of: quality))  \(Format.integer(data.count)) samples")
      }
      let notices = session.data.notices + [model.correctionNotice].compactMap { $0 }
      if world.rank == 0 { notices.forEach { Console.line("note: \($0)") } }
      if trainingSet { try show("training", session.data.training) }
      try show(session.data.evaluatedOn.rawValue, session.data.validation)
      if let test = session.data.test { try show("test", test) }
      return .success
    }
  }

  /// As the run was evaluated; of a model without its run, as one that was trained with its ghost batch.
  private func configuration(_ saved: SavedModel, _ model: ModelFile) throws -> RunConfiguration {
    guard saved.has(.run) || data != nil else {
      throw ValidationError("\(folder) is an exported model, which does not say where its data lie: give --data")
    }
    var configuration = try saved.has(.run) ? saved.record().configuration : model.evaluation(of: "")
    if let data {
      configuration.data.path = URL(fileURLWithPath: data).path
      configuration.data.schema = nil
      configuration.data.negatives = nil
    }
    return configuration
  }

  private func openText(_ model: ModelFile) throws -> DatasetPair? {
    guard let data, let schema else { return nil }
    let rows = try PredictionData.open(text: data, schema: schema, for: model, to: .evaluate)
    return DatasetPair(training: rows, validation: rows, evaluatedOn: .test, path: data, notices: rows.notices)
  }
}
